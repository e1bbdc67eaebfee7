//! Countries, and the numbers by which their tax offices know companies. Pure.

/// Every code of ISO 3166-1.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
                     BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES \
                     ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE \
                     IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY \
                     MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU \
                     NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM \
                     SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE \
                     VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The code of a country as it is written, in capitals; nothing for what is none.
pub(super) fn country(typed: &str) -> Option<&'static str> {
    let typed = typed.trim();
    CODES.split_ascii_whitespace().find(|code| code.eq_ignore_ascii_case(typed))
}

/// Whether this is a number for VAT as the European Union writes them, of this country: its letters, which Greece has of its own,
/// then 2 to 13 letters and digits. Whether anybody has it only a tax office knows.
pub(super) fn is_vat_number(typed: &str, country: &str) -> bool {
    let number: String = typed.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    let letters = if country == "GR" { "EL" } else { country };
    let number = number.to_ascii_uppercase();
    let Some(rest) = number.strip_prefix(letters).filter(|_| letters.len() == 2) else { return false };
    (2..=13).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && rest.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_one_of_the_standard() {
        assert_eq!(CODES.split_ascii_whitespace().count(), 249);
        assert_eq!(country(" de "), Some("DE"));
        for typed in ["", "D", "DEU", "D1", "ÄÖ", "ZZ", "EN", "UK", "EU", "XI", "DE AT"] {
            assert_eq!(country(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_number_for_vat_begins_with_the_letters_of_its_country() {
        for (typed, of) in [
            ("DE123456789", "DE"),
            ("de 123.456-789", "DE"),
            ("ATU12345678", "AT"),
            ("EL123456789", "GR"),
            ("ESX1234567X", "ES"),
        ] {
            assert!(is_vat_number(typed, of), "{typed}");
        }
        for (typed, of) in [
            ("x", "DE"),
            ("", "DE"),
            ("DE", "DE"),
            ("DE1", "DE"),
            ("DEABC", "DE"),
            ("123456789", "DE"),
            ("FR12345678901", "DE"),
            ("GR123456789", "GR"),
            ("DE12345678901234", "DE"),
            ("DE1234/5678", "DE"),
            ("DE١٢٣٤", "DE"),
            ("123456", ""),
        ] {
            assert!(!is_vat_number(typed, of), "{typed}");
        }
    }
}
