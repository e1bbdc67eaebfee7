//! How hard a password is to guess, roughly; runs in the page while it is typed and decides nothing.

/// Four steps, as the meter shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Would be refused or guessed at once.
    Weak,
    /// Acceptable.
    Fair,
    /// Good against guessing offline.
    Good,
    /// Better than needed.
    Strong,
}

impl Strength {
    /// 1 to 4, for a meter.
    #[must_use]
    pub fn step(self) -> u8 {
        match self {
            Self::Weak => 1,
            Self::Fair => 2,
            Self::Good => 3,
            Self::Strong => 4,
        }
    }

    /// The word beside the meter.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Weak => "Weak",
            Self::Fair => "Fair",
            Self::Good => "Good",
            Self::Strong => "Strong",
        }
    }
}

/// Estimates the bits a guesser has to find: characters that follow from their predecessor (repeats, runs up or
/// down) count little, and each other character counts by the classes the password draws from.
#[must_use]
pub fn strength(password: &str) -> Strength {
    let chars: Vec<char> = password.chars().collect();
    if chars.len() < super::Password::MIN as usize {
        return Strength::Weak;
    }
    match estimated_bits(&chars) {
        0..40 => Strength::Weak,
        40..60 => Strength::Fair,
        60..80 => Strength::Good,
        _ => Strength::Strong,
    }
}

fn estimated_bits(chars: &[char]) -> u32 {
    let classes: [fn(&char) -> bool; 4] =
        [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, |c| {
            !c.is_ascii_alphanumeric()
        }];
    let used = classes.iter().filter(|class| chars.iter().any(*class)).count();
    // Tenths of a bit per unpredictable character; words give far less than random letters.
    let per_character: u32 = match used {
        1 => 32,
        2 => 38,
        3 => 44,
        _ => 48,
    };
    let mut seen: Vec<char> = Vec::new();
    let mut tenths = 0;
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|p| chars.get(p));
        let predictable = before.is_some_and(|b| u32::from(*b).abs_diff(u32::from(*c)) <= 1);
        let repeated = seen.iter().filter(|s| *s == c).count();
        tenths += match (predictable, repeated) {
            (true, _) => 5,
            (false, 0 | 1) => per_character,
            (false, _) => per_character / 3,
        };
        seen.push(*c);
    }
    tenths / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_orders_passwords_as_a_guesser_would() {
        assert_eq!(strength("short"), Strength::Weak);
        assert_eq!(strength("aaaaaaaaaaaaaaaaaaaaaaaa"), Strength::Weak);
        assert_eq!(strength("123456789012"), Strength::Weak);
        assert!(strength("correct horse battery staple") >= Strength::Good);
        assert_eq!(strength("vT9$kq!2Lw#8Zr@5mXc^"), Strength::Strong);
    }
}
