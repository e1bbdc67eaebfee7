//! Proof that every pair of words and surface can be read in both themes (WCAG 2.2, 1.4.3 and 1.4.11).
//!
//! Reads the token file itself. A pair that the styles use belongs in the table below; a token that cannot be read
//! fails the test as well.

use std::collections::HashMap;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// Words need 4.5, lines that frame a control and signs need 3.
const WORDS: f64 = 4.5;
const SIGNS: f64 = 3.0;

/// What lies on what, as the styles have it.
const PAIRS: &[(&str, &[&str], f64)] = &[
    ("text", &["canvas", "surface", "sunken", "raised", "hover", "danger-soft", "accent-soft"], WORDS),
    ("muted", &["canvas", "surface", "sunken", "raised", "hover"], WORDS),
    ("accent-text", &["canvas", "surface", "sunken", "raised", "hover", "accent-soft"], WORDS),
    ("danger-text", &["canvas", "surface", "raised", "danger-soft"], WORDS),
    ("good-text", &["surface", "raised", "good-soft"], WORDS),
    ("warning-text", &["surface", "raised", "warning-soft"], WORDS),
    ("on-accent", &["accent", "accent-hover"], WORDS),
    ("on-danger", &["danger", "danger-hover"], WORDS),
    // The toast is the page turned around.
    ("canvas", &["text"], WORDS),
    // The frame of an input and of an open step, the fill of a bar and of a button.
    ("line-strong", &["canvas", "surface", "raised"], SIGNS),
    ("accent", &["canvas", "surface", "raised", "hover"], SIGNS),
    ("danger", &["canvas", "surface", "raised"], SIGNS),
    ("good-text", &["hover"], SIGNS),
    ("warning-text", &["hover"], SIGNS),
    ("danger-text", &["hover"], SIGNS),
];

/// A colour in linear light, each part from 0 to 1.
type Linear = [f64; 3];

/// The day's and the night's value of each `--color-…` token that is opaque.
fn tokens(css: &str) -> HashMap<&str, [Linear; 2]> {
    css.lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--color-")?.split_once(": light-dark(")?;
            let mut colors = value.split("oklch(").skip(1).map(|part| oklch(part.split(')').next()?));
            Some((name, [colors.next()??, colors.next()??]))
        })
        .collect()
}

/// Reads `0.475 0.088 214`. A translucent colour has no contrast of its own and is left out.
fn oklch(text: &str) -> Option<Linear> {
    let parts: Vec<f64> = text.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let &[lightness, chroma, hue] = parts.as_slice() else { return None };
    let (sin, cos) = hue.to_radians().sin_cos();
    Some(linear(lightness, chroma * cos, chroma * sin))
}

/// Oklab to linear sRGB, clipped to what a screen shows (<https://www.w3.org/TR/css-color-4/#color-conversion-code>).
fn linear(lightness: f64, a: f64, b: f64) -> Linear {
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
    ]
    .map(|part: f64| part.clamp(0.0, 1.0))
}

fn contrast(one: Linear, other: Linear) -> f64 {
    let luminance = |[red, green, blue]: Linear| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Every pair that falls short, in words.
fn failures(css: &str) -> Vec<String> {
    let tokens = tokens(css);
    let mut failures = Vec::new();
    for (above, surfaces, least) in PAIRS {
        for below in *surfaces {
            let (Some(above_colors), Some(below_colors)) = (tokens.get(above), tokens.get(below)) else {
                failures.push(format!("{above} on {below}: a token is missing or cannot be read"));
                continue;
            };
            for (theme, index) in [("light", 0), ("dark", 1)] {
                let ratio = contrast(above_colors[index], below_colors[index]);
                if ratio < *least {
                    failures.push(format!("{above} on {below} ({theme}): {ratio:.2}, needs {least}"));
                }
            }
        }
    }
    failures
}

/// What `#rrggbb` is in linear light.
fn from_hex(text: &str) -> Linear {
    let part = |at: usize| {
        let value =
            f64::from(u8::from_str_radix(&text[at..at + 2], 16).expect("two hexadecimal digits")) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    [part(1), part(3), part(5)]
}

#[test]
fn every_pair_of_words_and_surface_can_be_read_in_both_themes() {
    assert_eq!(failures(TOKENS), Vec::<String>::new());
}

#[test]
fn a_token_that_is_too_pale_fails() {
    let muted = "--color-muted: light-dark(oklch(0.485 ";
    assert!(TOKENS.contains(muted));
    let pale = TOKENS.replace(muted, "--color-muted: light-dark(oklch(0.685 ");
    assert!(failures(&pale).iter().any(|failure| failure.starts_with("muted on canvas (light)")));
}

#[test]
fn a_token_that_is_gone_fails() {
    let without = TOKENS.replace("--color-text:", "--color-ink:");
    assert!(failures(&without).iter().any(|failure| failure.contains("a token is missing")));
}

#[test]
fn white_on_black_is_twenty_one() {
    let ratio = contrast(linear(1.0, 0.0, 0.0), linear(0.0, 0.0, 0.0));
    assert!((ratio - 21.0).abs() < 0.01, "{ratio}");
}

#[test]
fn the_browsers_frame_has_the_colour_of_the_canvas() {
    let tokens = tokens(TOKENS);
    for (text, color) in
        [crate::shell::CANVAS_LIGHT, crate::shell::CANVAS_DARK].into_iter().zip(tokens["canvas"])
    {
        // Eight bits are coarse in the dark: one step is far less than the eye sees.
        assert!(contrast(from_hex(text), color) < 1.01, "{text} is not the token");
    }
}
