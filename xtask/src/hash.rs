//! FNV-1a: a hash that stays the same over compilers and machines, for folder names and stamps.
//! It keeps nothing secret; nobody gains anything from a collision here.

/// Sixteen hexadecimal digits.
pub(crate) fn of(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of the FNV authors.
        assert_eq!(super::of(b""), "cbf29ce484222325");
        assert_eq!(super::of(b"foobar"), "85944171f73967e8");
    }
}
