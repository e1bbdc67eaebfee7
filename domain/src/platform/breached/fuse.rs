//! The filter itself: a binary fuse filter with three places for each key and 16 bits in each place (Graf and Lemire,
//! "Binary Fuse Filters: Fast and Smaller Than Xor Filters", 2022).
//!
//! Written here because it is small, and because reading it in place from a file needs the places of a key, which
//! libraries keep to themselves; mapping the file into memory instead would need unsafe code.

/// How often another seed is tried. One in some hundred fails.
const TRIES: u64 = 100;
/// The paper's bound: longer segments no longer help.
const LONGEST_SEGMENT: u32 = 1 << 18;

/// What decides where a key is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Mixed into each key.
    pub(super) seed: u64,
    /// A power of two.
    pub(super) segment_length: u32,
    /// How many segments a key's first place can be in; two more follow.
    pub(super) segment_count: u32,
}

/// A finished filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fuse {
    pub(super) shape: Shape,
    pub(super) entries: u64,
    pub(super) prints: Vec<u16>,
}

/// Where a key is looked for, and what its places give together if it is in.
pub(super) struct Places {
    pub(super) slots: [u32; 3],
    pub(super) print: u16,
}

impl Shape {
    /// The shape for so many keys; `None` for more than 32 bits can number.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate: any power of two works, and the numbers are small and positive"
    )]
    fn of(entries: usize) -> Option<Self> {
        let count = entries.max(2) as f64;
        let exponent = (count.ln() / 3.33_f64.ln() + 2.25).floor() as u32;
        let segment_length = (1_u32 << exponent.min(18)).clamp(4, LONGEST_SEGMENT);
        let factor = (0.875 + 0.25 * 1_000_000_f64.ln() / count.ln()).max(1.125);
        let slots = (count * factor).round() as u64;
        let segments = slots.div_ceil(u64::from(segment_length)).saturating_sub(2).max(1);
        let segment_count = u32::try_from(segments).ok()?;
        let shape = Self { seed: 0, segment_length, segment_count };
        shape.slots().map(|_| shape)
    }

    /// How many places there are; `None` when 32 bits cannot number them, or the shape is none.
    pub(super) fn slots(self) -> Option<u32> {
        let is_shape = self.segment_length.is_power_of_two() && self.segment_count > 0;
        self.segment_count.checked_add(2)?.checked_mul(self.segment_length).filter(|_| is_shape)
    }

    /// Spreads a key over 64 bits (the finalizer of `MurmurHash3`); different keys stay different.
    fn hash(self, key: u64) -> u64 {
        let mut hash = key.wrapping_add(self.seed);
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }

    pub(super) fn places_of_key(self, key: u64) -> Places {
        self.places(self.hash(key))
    }

    /// One place in each of three neighbouring segments.
    fn places(self, hash: u64) -> Places {
        let mask = u64::from(self.segment_length - 1);
        let range = u64::from(self.segment_count) * u64::from(self.segment_length);
        let first = low((u128::from(hash) * u128::from(range)) >> 64);
        let second = (first + self.segment_length) ^ low(u128::from((hash >> 18) & mask));
        let third = (first + 2 * self.segment_length) ^ low(u128::from(hash & mask));
        let print = u16::try_from((hash ^ (hash >> 32)) & 0xffff).unwrap_or_default();
        Places { slots: [first, second, third], print }
    }
}

/// A number that is known to fit.
fn low(number: u128) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

impl Fuse {
    /// Makes a filter of these keys; `None` for more than some three thousand million.
    pub(super) fn build(mut keys: Vec<u64>) -> Option<Self> {
        keys.sort_unstable();
        keys.dedup();
        let shape = Shape::of(keys.len())?;
        let entries = u64::try_from(keys.len()).ok()?;
        // Fixed seeds: the same list gives the same file.
        (1..=TRIES).find_map(|seed| {
            let shape = Shape { seed: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), ..shape };
            Some(Self { shape, entries, prints: assign(&keys, shape)? })
        })
    }
}

/// Gives each key one of its places for itself, if that is possible with this seed.
fn assign(keys: &[u64], shape: Shape) -> Option<Vec<u16>> {
    let slots = shape.slots()? as usize;
    let (mut counts, mut sums) = (vec![0_u8; slots], vec![0_u64; slots]);
    for key in keys {
        let hash = shape.hash(*key);
        for slot in shape.places(hash).slots {
            let count = counts.get_mut(slot as usize)?;
            *count = count.checked_add(1)?;
            sums[slot as usize] ^= hash;
        }
    }
    let order = peel(shape, keys.len(), &mut counts, &mut sums)?;
    let mut prints = vec![0_u16; slots];
    for (hash, own) in order.into_iter().rev() {
        let places = shape.places(hash);
        let others = places.slots.into_iter().filter(|slot| *slot != own);
        prints[own as usize] = others.fold(places.print, |print, slot| print ^ prints[slot as usize]);
    }
    Some(prints)
}

/// Takes out, again and again, a key that is alone in one of its places, and answers in which order.
fn peel(shape: Shape, keys: usize, counts: &mut [u8], sums: &mut [u64]) -> Option<Vec<(u64, u32)>> {
    let mut alone: Vec<u32> = (0..shape.slots()?).filter(|slot| counts[*slot as usize] == 1).collect();
    let mut order = Vec::with_capacity(keys);
    while let Some(slot) = alone.pop() {
        if counts[slot as usize] != 1 {
            continue;
        }
        let hash = sums[slot as usize];
        order.push((hash, slot));
        for place in shape.places(hash).slots {
            counts[place as usize] -= 1;
            sums[place as usize] ^= hash;
            if counts[place as usize] == 1 {
                alone.push(place);
            }
        }
    }
    (order.len() == keys).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(from: u64, count: u64) -> Vec<u64> {
        let spread = Shape { seed: 7, segment_length: 4, segment_count: 1 };
        (from..from + count).map(|n| spread.hash(n)).collect()
    }

    fn holds(fuse: &Fuse, key: u64) -> bool {
        let places = fuse.shape.places_of_key(key);
        places.slots.into_iter().fold(places.print, |print, slot| print ^ fuse.prints[slot as usize]) == 0
    }

    #[test]
    fn every_key_is_found_in_filters_of_every_size() {
        for count in [0, 1, 2, 3, 10, 1_000, 100_000] {
            let fuse = Fuse::build(keys(0, count)).expect("a filter");
            assert_eq!(fuse.entries, count);
            assert!(keys(0, count).into_iter().all(|key| holds(&fuse, key)), "{count}");
        }
    }

    #[test]
    fn a_key_that_is_not_in_it_is_taken_for_one_once_in_65_536_times() {
        let fuse = Fuse::build(keys(0, 100_000)).expect("a filter");
        let asked = 4_000_000;
        let wrong = keys(1_000_000, asked).into_iter().filter(|key| holds(&fuse, *key)).count();
        // 61 are expected; beyond 100 by chance once in a million runs.
        assert!((25..100).contains(&wrong), "{wrong} of {asked}");
        let bits = fuse.prints.len() * 16 / 100_000;
        assert!(bits <= 20, "{bits} bits for each key");
    }

    #[test]
    fn a_key_that_comes_twice_is_one_entry() {
        let mut twice = keys(0, 50);
        twice.extend(keys(0, 50));
        assert_eq!(Fuse::build(twice), Fuse::build(keys(0, 50)));
    }
}
