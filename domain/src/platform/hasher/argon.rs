//! One Argon2id computation at a time, in memory that is used again.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{HasherSettings, Verified};
use crate::platform::{log::Cause, random};

/// The length of a new hash and of the decoy's, in bytes (RFC 9106 §4).
const OUTPUT: usize = 32;
/// The length of a new salt, in bytes (RFC 9106 §3.1).
const SALT: usize = 16;

/// The most a stored hash may ask for. It may come from an import, and whoever wrote it must not be able to
/// occupy a worker for minutes.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
const MOST_ITERATIONS: u32 = 10;
const MOST_LANES: u32 = 16;

/// Why there is no answer. Quotes neither password nor hash.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("Argon2 refused: {0}")]
    Argon(#[from] argon2::Error),
    #[error("a hash cannot be read or written: {0}")]
    Phc(#[from] argon2::password_hash::phc::Error),
    #[error("a hash cannot be read or written: {0}")]
    Hash(#[from] argon2::password_hash::Error),
    #[error("a stored hash is not Argon2id 1.3 within m ≤ 256 MiB, t ≤ 10, p ≤ 16")]
    OutOfBounds,
}

impl Cause for Problem {
    fn passes(&self) -> bool {
        false
    }
}

/// Argon2id with today's parameters.
pub(super) struct Engine {
    params: Params,
}

/// The memory of one worker.
///
/// An area of the standard size is larger than what the allocator keeps for itself (32 MiB in glibc), so it
/// comes from the system and goes back there: after a quiet while the process is small again.
pub(super) struct Memory {
    blocks: Vec<Block>,
    standard: usize,
}

impl Engine {
    pub(super) fn new(settings: &HasherSettings) -> Self {
        let lanes = settings.lanes.clamp(1, MOST_LANES);
        let memory = settings.memory_kib.clamp(Params::MIN_M_COST * lanes, MOST_MEMORY_KIB);
        let iterations = settings.iterations.clamp(1, MOST_ITERATIONS);
        let params = Params::new(memory, iterations, lanes, Some(OUTPUT)).unwrap_or_default();
        Self { params }
    }

    /// How many blocks of 1 KiB a hash of today needs.
    pub(super) fn blocks(&self) -> usize {
        self.params.block_count()
    }

    pub(super) fn hash(&self, password: &SecretString, memory: &mut Memory) -> Result<String, Problem> {
        let salt = random::bytes::<SALT>();
        let mut output = Zeroizing::new([0; OUTPUT]);
        memory.fill(&self.params, password, &salt, output.as_mut_slice())?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params)?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(output.as_slice())?),
        };
        Ok(hash.to_string())
    }

    pub(super) fn verify(
        &self,
        password: &SecretString,
        phc: Option<&str>,
        memory: &mut Memory,
    ) -> Result<Verified, Problem> {
        let Some(phc) = phc else {
            let mut output = Zeroizing::new([0; OUTPUT]);
            memory.fill(&self.params, password, &[0; SALT], output.as_mut_slice())?;
            // Compared like any other, and with no effect: the answer is no even if it were equal.
            std::hint::black_box(output.as_slice().ct_eq(&[0; OUTPUT]));
            return Ok(Verified::No);
        };
        let stored = Stored::parse(phc)?;
        let mut output = Zeroizing::new(vec![0; stored.output.len()]);
        memory.fill(&stored.params, password, &stored.salt, &mut output)?;
        if !bool::from(output.as_slice().ct_eq(stored.output.as_bytes())) {
            return Ok(Verified::No);
        }
        Ok(if stored.is_like(&self.params) { Verified::Yes } else { Verified::YesButRehash })
    }
}

/// A stored hash within the bounds.
struct Stored {
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    fn parse(phc: &str) -> Result<Self, Problem> {
        let hash = PasswordHash::new(phc)?;
        let is_today =
            hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
        let params = Params::try_from(&hash).map_err(|_| Problem::OutOfBounds)?;
        let is_bounded = params.m_cost() <= MOST_MEMORY_KIB
            && params.t_cost() <= MOST_ITERATIONS
            && params.p_cost() <= MOST_LANES;
        match (hash.salt, hash.hash) {
            (Some(salt), Some(output)) if is_today && is_bounded => Ok(Self { params, salt, output }),
            _ => Err(Problem::OutOfBounds),
        }
    }

    fn is_like(&self, today: &Params) -> bool {
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        cost(&self.params) == cost(today) && self.output.len() == OUTPUT && self.salt.len() == SALT
    }
}

impl Memory {
    /// Takes nothing yet; the first computation does.
    pub(super) fn new(standard: usize) -> Self {
        Self { blocks: Vec::new(), standard }
    }

    pub(super) fn is_held(&self) -> bool {
        !self.blocks.is_empty()
    }

    /// Gives the memory back to the system.
    pub(super) fn release(&mut self) {
        self.blocks = Vec::new();
    }

    fn fill(
        &mut self,
        params: &Params,
        password: &SecretString,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Problem> {
        let needed = params.block_count();
        if needed > self.standard {
            // Rare and on its way out: the password is hashed again with today's parameters afterwards.
            self.release();
            let larger = vec![Block::new(); needed];
            return compute(params, password, salt, output, larger);
        }
        if self.blocks.is_empty() {
            self.blocks = vec![Block::new(); self.standard];
        }
        compute(params, password, salt, output, self.blocks.as_mut_slice())
    }
}

fn compute(
    params: &Params,
    password: &SecretString,
    salt: &[u8],
    output: &mut [u8],
    memory: impl AsMut<[Block]>,
) -> Result<(), Problem> {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon.hash_password_into_with_memory(password.expose_secret().as_bytes(), salt, output, memory)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(memory_kib: u32, iterations: u32) -> Engine {
        Engine::new(&HasherSettings { workers: 1, queue: 1, memory_kib, iterations, lanes: 2 })
    }

    fn memory(engine: &Engine) -> Memory {
        Memory::new(engine.blocks())
    }

    #[test]
    fn a_hash_is_argon2id_with_the_parameters_in_it_and_a_salt_of_its_own() {
        let engine = engine(256, 3);
        let mut memory = memory(&engine);
        let first = engine.hash(&"pass phrase".into(), &mut memory).expect("hashes");
        assert!(first.starts_with("$argon2id$v=19$m=256,t=3,p=2$"), "{first}");
        assert_ne!(first, engine.hash(&"pass phrase".into(), &mut memory).expect("hashes"));
    }

    #[test]
    fn another_implementation_agrees() {
        // The reference implementation: `argon2 somesalt -id -t 2 -m 16 -p 1 -l 24` for "password".
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let engine = engine(256, 3);
        let mut memory = memory(&engine);
        let answer = engine.verify(&"password".into(), Some(phc), &mut memory).expect("verifies");
        assert_eq!(answer, Verified::YesButRehash);
        assert_eq!(
            engine.verify(&"Password".into(), Some(phc), &mut memory).expect("verifies"),
            Verified::No
        );
    }

    #[test]
    fn old_parameters_still_verify_and_ask_for_a_new_hash() {
        let (old, new) = (engine(512, 2), engine(256, 3));
        let phc = old.hash(&"pass phrase".into(), &mut memory(&old)).expect("hashes");
        let answer = new.verify(&"pass phrase".into(), Some(&phc), &mut memory(&new)).expect("verifies");
        assert_eq!(answer, Verified::YesButRehash);
        let phc = new.hash(&"pass phrase".into(), &mut memory(&new)).expect("hashes");
        let answer = new.verify(&"pass phrase".into(), Some(&phc), &mut memory(&new)).expect("verifies");
        assert_eq!(answer, Verified::Yes);
    }

    #[test]
    fn the_same_memory_serves_one_computation_after_the_other() {
        let engine = engine(256, 1);
        let mut memory = memory(&engine);
        engine.hash(&"first".into(), &mut memory).expect("hashes");
        let place = memory.blocks.as_ptr();
        let phc = engine.hash(&"second".into(), &mut memory).expect("hashes");
        engine.verify(&"third".into(), None, &mut memory).expect("verifies");
        assert_eq!(memory.blocks.as_ptr(), place);
        // What the one before left in the memory changes nothing.
        assert_eq!(
            engine.verify(&"second".into(), Some(&phc), &mut memory).expect("verifies"),
            Verified::Yes
        );
    }

    #[test]
    fn a_stored_hash_cannot_demand_the_whole_machine() {
        let engine = engine(256, 1);
        let tail = "c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        for head in [
            "$argon2id$v=19$m=4194304,t=2,p=1",
            "$argon2id$v=19$m=65536,t=1000,p=1",
            "$argon2id$v=19$m=65536,t=2,p=200",
            "$argon2i$v=19$m=65536,t=2,p=1",
            "$argon2id$v=16$m=65536,t=2,p=1",
            "$scrypt$ln=15,r=8,p=1",
        ] {
            let phc = format!("{head}${tail}");
            assert!(engine.verify(&"password".into(), Some(&phc), &mut memory(&engine)).is_err(), "{phc}");
        }
    }
}
