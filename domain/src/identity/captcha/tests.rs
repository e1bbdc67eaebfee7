//! What is taken and what is not, without a database: a use is noted only after all of this.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::{net::IpAddr, time::Duration};

use sha2::{Digest as _, Sha256};

use super::{
    Difficulty, Work,
    ticket::{self, Verdict},
};
use crate::{
    Timestamp,
    access::Network,
    platform::vault::{Keyring, Vault},
};

struct Door {
    vault: Vault,
    now: Timestamp,
    network: Network,
}

impl Door {
    fn new() -> Self {
        Self {
            vault: Vault::new(Keyring::single(1, [7; 32])),
            now: Timestamp::parse("2026-11-21T12:00:00Z").expect("valid"),
            network: network([192, 0, 2, 7]),
        }
    }

    fn later(&self, seconds: u64) -> Self {
        Self {
            vault: self.vault.clone(),
            now: self.now + Duration::from_secs(seconds),
            network: self.network,
        }
    }

    fn issue(&self) -> Work {
        ticket::issue(&self.vault, self.now, &self.network, Difficulty::Normal)
    }

    fn judge(&self, given: &str) -> Verdict {
        ticket::judge(&self.vault, self.now, &self.network, Difficulty::Normal, given)
    }

    fn takes(&self, given: &str) -> bool {
        matches!(self.judge(given), Verdict::Good(_))
    }
}

fn network(address: [u8; 4]) -> Network {
    Network::of(IpAddr::from(address))
}

/// As anybody would do it who has read no more than the documentation.
fn solved(challenge: &Work) -> String {
    written(challenge, &numbers(challenge))
}

fn numbers(challenge: &Work) -> Vec<u32> {
    let smallest = |index| (0..u32::MAX).find(|number| is_right(challenge, index, *number));
    (0..challenge.count).map(|index| smallest(index).expect("there is one")).collect()
}

fn written(challenge: &Work, numbers: &[u32]) -> String {
    challenge.solved_by(&numbers.iter().fold(String::new(), |text, number| format!("{text}.{number}")))
}

fn is_right(challenge: &Work, index: u32, number: u32) -> bool {
    let hash = Sha256::digest(format!("{}.{index}.{number}", challenge.seed));
    let bits = hash.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    bits.take_while(|bit| *bit == 0).count() >= challenge.bits as usize
}

#[test]
fn every_puzzle_can_be_solved_and_its_solution_is_good() {
    let door = Door::new();
    for _ in 0..20 {
        assert!(door.takes(&solved(&door.issue())));
    }
}

#[test]
fn no_byte_of_a_signed_part_can_be_changed_or_left_out() {
    let door = Door::new();
    let challenge = door.issue();
    let (work, wait) = (solved(&challenge), challenge.wait_token.clone());
    let door = door.later(20);
    assert!(door.takes(&work) && door.takes(&wait));
    for (given, signed) in [(&work, challenge.puzzle.len()), (&wait, wait.len())] {
        for place in 0..signed {
            for letter in ["A", "z", "-", "."] {
                let changed = format!("{}{letter}{}", &given[..place], &given[place + 1..]);
                assert_eq!(door.takes(&changed), changed == *given, "{letter} at {place}");
            }
            assert!(!door.takes(&format!("{}{}", &given[..place], &given[place + 1..])), "without {place}");
        }
    }
}

#[test]
fn a_number_that_is_none_of_the_solution_is_refused() {
    let door = Door::new();
    let challenge = door.issue();
    let numbers = numbers(&challenge);
    for (index, place) in (0..).zip(0..numbers.len()) {
        let mut changed = numbers.clone();
        changed[place] =
            (numbers[place] + 1..u32::MAX).find(|other| !is_right(&challenge, index, *other)).expect("one");
        assert!(!door.takes(&written(&challenge, &changed)), "number {place}");
    }
}

#[test]
fn a_number_has_one_spelling_and_there_are_as_many_as_were_asked() {
    let door = Door::new();
    let challenge = door.issue();
    let good = solved(&challenge);
    let (rest, last) = good.rsplit_once('.').expect("numbers");
    for wrong in [
        rest.to_owned(),
        format!("{good}."),
        format!("{good}.0"),
        format!("{rest}.0{last}"),
        format!("{rest}.+{last}"),
        format!("{rest}. {last}"),
        format!("{rest}.-1"),
        format!("{rest}.4294967296"),
        format!(" {good}"),
        challenge.puzzle.clone(),
        format!("{}{}", challenge.puzzle, ".0".repeat(challenge.count as usize)),
    ] {
        assert!(!door.takes(&wrong), "{wrong}");
    }
}

#[test]
fn what_was_never_ours_is_refused() {
    let door = Door::new();
    let foreign = Door { vault: Vault::new(Keyring::single(1, [8; 32])), ..Door::new() };
    let solved_elsewhere = solved(&foreign.issue());
    let other_purpose = door.vault.seal_short("flash", b"{}");
    let no_ticket = door.vault.seal_short("captcha", b"{}");
    let long = "A".repeat(100_000);
    for wrong in ["", ".", "é", "\u{1f511}", "\0", &solved_elsewhere, &other_purpose, &no_ticket, &long] {
        assert!(matches!(door.judge(wrong), Verdict::Refused), "{wrong:.40}");
    }
}

#[test]
fn a_solution_expires_after_five_minutes() {
    let door = Door::new();
    let solution = solved(&door.issue());
    assert!(door.later(299).takes(&solution));
    assert!(!door.later(300).takes(&solution));
}

#[test]
fn a_solution_is_good_at_once_where_another_clock_is_behind() {
    let door = Door::new();
    let solution = solved(&door.later(5).issue());
    assert!(door.takes(&solution));
}

#[test]
fn patience_is_good_after_its_time_and_for_ten_minutes() {
    let door = Door::new();
    let ticket = door.issue().wait_token;
    assert!(matches!(door.judge(&ticket), Verdict::Early { left_s: 10 }));
    assert!(matches!(door.later(9).judge(&ticket), Verdict::Early { left_s: 1 }));
    assert!(door.later(10).takes(&ticket));
    assert!(door.later(609).takes(&ticket));
    assert!(!door.later(610).takes(&ticket));
}

#[test]
fn work_may_move_to_another_network_and_patience_may_not() {
    let door = Door::new();
    let challenge = door.issue();
    let solution = solved(&challenge);
    let next_door = Door { network: network([192, 0, 2, 250]), ..door.later(10) };
    let elsewhere = Door { network: network([198, 51, 100, 7]), ..door.later(10) };
    assert!(next_door.takes(&solution) && elsewhere.takes(&solution));
    assert!(next_door.takes(&challenge.wait_token));
    assert!(matches!(elsewhere.judge(&challenge.wait_token), Verdict::Refused));
}

#[test]
fn where_more_is_asked_an_easier_one_is_not_enough() {
    let door = Door::new();
    let easy = door.issue();
    let hard = ticket::issue(&door.vault, door.now, &door.network, Difficulty::Raised);
    assert!(hard.bits > easy.bits && hard.wait_s > easy.wait_s);
    let later = door.later(40);
    for given in [solved(&easy), easy.wait_token] {
        let verdict = ticket::judge(&later.vault, later.now, &later.network, Difficulty::Raised, &given);
        assert!(matches!(verdict, Verdict::Refused));
    }
    assert!(later.takes(&hard.wait_token), "more than is asked is enough");
}

#[test]
fn a_puzzle_takes_a_slow_telephone_less_than_a_second() {
    // Each number takes 2^bits tries on average, and their sum varies by its mean divided by the root of the count.
    let challenge = Door::new().issue();
    let mean = f64::from(challenge.count) * f64::from(1_u32 << challenge.bits);
    let deviation = mean / f64::from(challenge.count).sqrt();
    assert!((mean + 3.0 * deviation) / 150_000.0 < 1.0);
}

#[test]
fn what_is_hashed_fits_into_one_block() {
    // SHA-256 (FIPS 180-4 §5.1.1) adds at least nine bytes to a block of 64; the page's worker counts on it.
    let challenge = Door::new().issue();
    assert!(format!("{}.{}.{}", challenge.seed, challenge.count - 1, u32::MAX).len() <= 55);
}
