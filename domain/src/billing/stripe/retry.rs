//! Whether a question is asked again, and when.
//!
//! What Stripe says wins: `Stripe-Should-Retry` over the status, `Retry-After` over our own pause. Pauses are drawn by chance
//! between nothing and their bound, so that many who failed together do not come back together.

use std::time::Duration;

use hyper::Response;

use crate::platform::{outbound::OutboundProblem, random};

/// How often and how long.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// The most tries.
    pub tries: u32,
    /// The bound of the first pause; each next one is twice as long.
    pub first: Duration,
    /// The bound of every pause of our own.
    pub longest: Duration,
    /// After so long, pauses included, no try is begun any more.
    pub total: Duration,
}

impl Pacing {
    /// Somebody waits: the last try begins within 15 seconds.
    pub const STANDARD: Self = Self {
        tries: 4,
        first: Duration::from_millis(500),
        longest: Duration::from_secs(5),
        total: Duration::from_secs(15),
    };

    /// How long to rest before try number `next`, counted from 0; nothing where it is not begun.
    pub(super) fn rest(&self, next: u32, asked: Duration, spent: Duration) -> Option<Duration> {
        let bound = self.first.saturating_mul(1 << next.saturating_sub(1).min(16)).min(self.longest);
        let rest = asked.max(by_chance(bound));
        (next < self.tries && spent.saturating_add(rest) <= self.total).then_some(rest)
    }
}

/// Something between nothing and this.
pub(super) fn by_chance(bound: Duration) -> Duration {
    let chance = u32::from(u16::from_be_bytes(random::bytes()));
    bound / u32::from(u16::MAX) * chance
}

/// Whether the same may be asked again, and after which pause at least. Nothing where another try would bring nothing else.
pub(super) fn again(result: &Result<Response<Vec<u8>>, OutboundProblem>) -> Option<Duration> {
    let response = match result {
        Ok(response) => response,
        Err(OutboundProblem::Unreachable | OutboundProblem::TooSlow) => return Some(Duration::ZERO),
        Err(_) => return None,
    };
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let may = match header("stripe-should-retry") {
        Some("true") => true,
        Some("false") => false,
        // A failure that is kept under the key comes back as it is, for as long as the key is known.
        _ if header("idempotent-replayed") == Some("true") => false,
        _ => matches!(response.status().as_u16(), 409 | 429 | 500..),
    };
    let asked = header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
    may.then(|| Duration::from_secs(asked.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, headers: &[(&str, &str)]) -> Option<Duration> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        again(&Ok(response.body(Vec::new()).expect("valid")))
    }

    #[test]
    fn what_stripe_says_wins_over_the_status() {
        let zero = Some(Duration::ZERO);
        for (status, may) in
            [(200, None), (400, None), (402, None), (404, None), (409, zero), (429, zero), (500, zero)]
        {
            assert_eq!(answered(status, &[]), may, "{status}");
            assert_eq!(answered(status, &[("stripe-should-retry", "true")]), zero, "{status}");
            assert_eq!(answered(status, &[("stripe-should-retry", "false")]), None, "{status}");
        }
        assert_eq!(answered(429, &[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(answered(500, &[("idempotent-replayed", "true")]), None);
        assert_eq!(again(&Err(OutboundProblem::TooSlow)), zero);
        assert_eq!(again(&Err(OutboundProblem::Untrusted)), None);
    }

    #[test]
    fn pauses_grow_by_chance_up_to_a_bound_and_end_with_the_time() {
        let pacing = Pacing::STANDARD;
        for _ in 0..100 {
            let first = pacing.rest(1, Duration::ZERO, Duration::ZERO).expect("one more");
            assert!(first <= pacing.first);
            assert!(pacing.rest(3, Duration::ZERO, Duration::ZERO).expect("one more") <= 4 * pacing.first);
        }
        assert_eq!(pacing.rest(1, Duration::from_secs(7), Duration::ZERO), Some(Duration::from_secs(7)));
        assert_eq!(
            pacing.rest(1, Duration::from_mins(1), Duration::ZERO),
            None,
            "too long for whoever waits"
        );
        assert_eq!(pacing.rest(pacing.tries, Duration::ZERO, Duration::ZERO), None);
        assert_eq!(pacing.rest(1, Duration::ZERO, Duration::from_secs(16)), None);
    }
}
