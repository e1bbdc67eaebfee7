//! Stripe's two worlds: one in which money is moved, and one for tests. Their objects have nothing to do with each other.

use secrecy::{ExposeSecret as _, SecretString};

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Money is moved.
    Live,
    /// Nothing of it is real.
    Test,
}

impl Mode {
    /// That of a key, such as `sk_test_…`; nothing where the key does not say.
    #[must_use]
    pub fn of_key(key: &SecretString) -> Option<Self> {
        match key.expose_secret().split('_').nth(1)? {
            "live" => Some(Self::Live),
            "test" => Some(Self::Test),
            _ => None,
        }
    }

    /// What Stripe says of it: `livemode`.
    pub(super) fn is(self, livemode: bool) -> bool {
        (self == Self::Live) == livemode
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_in_which_world_it_is() {
        let of = |key: &str| Mode::of_key(&key.to_owned().into());
        assert_eq!((of("sk_live_1"), of("rk_live_1")), (Some(Mode::Live), Some(Mode::Live)));
        assert_eq!((of("sk_test_1"), of("rk_test_1")), (Some(Mode::Test), Some(Mode::Test)));
        assert_eq!((of("sk_1"), of("live"), of("")), (None, None, None));
        assert!(Mode::Live.is(true) && Mode::Test.is(false) && !Mode::Live.is(false) && !Mode::Test.is(true));
    }
}
