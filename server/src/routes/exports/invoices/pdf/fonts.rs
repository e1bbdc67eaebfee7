//! The fonts of documents: which letters each has, and how wide they are.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId as Drawn, KrillaGlyph};
use skrifa::{
    FontRef, GlyphId, MetadataProvider as _,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

static REGULAR: &[u8] = include_bytes!("../../../../../fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../../../fonts/NotoSans-Bold.ttf");
/// What the others have not: Chinese, Japanese, Korean. There is one weight of it.
static EAST_ASIAN: &[u8] = include_bytes!("../../../../../fonts/DroidSansFallback.ttf");

/// What stands for a letter that no font has.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A font that was read.
pub(super) struct Face {
    pub(super) font: Font,
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        Some(Self {
            font: Font::new(bytes.into(), 0)?,
            letters: font.charmap(),
            widths: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units: font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.into(),
        })
    }

    fn glyph(&self, letter: char) -> Option<GlyphId> {
        self.letters.map(letter).filter(|glyph| glyph.to_u32() != 0)
    }

    fn width(&self, letter: char, size: f32) -> f32 {
        let units = self.glyph(letter).and_then(|glyph| self.widths.advance_width(glyph));
        units.unwrap_or_default() * size / self.units
    }
}

/// All of them.
pub(super) struct Fonts {
    regular: Face,
    bold: Face,
    east_asian: Face,
}

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    Some(Fonts {
        regular: Face::read(REGULAR)?,
        bold: Face::read(BOLD)?,
        east_asian: Face::read(EAST_ASIAN)?,
    })
});

/// The fonts, read once.
pub(super) fn fonts() -> Option<&'static Fonts> {
    FONTS.as_ref()
}

impl Face {
    /// The letters of a text, each at the end of the one before.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let places = text.char_indices().map(|(at, letter)| {
            let glyph = self.glyph(letter).map_or(0, GlyphId::to_u32);
            let range = at..at + letter.len_utf8();
            KrillaGlyph::new(Drawn::new(glyph), self.width(letter, 1.0), 0.0, 0.0, 0.0, range, None)
        });
        places.collect()
    }
}

/// A part of a text in one font.
pub(super) struct Run {
    pub(super) face: &'static Face,
    pub(super) text: String,
    pub(super) width: f32,
}

/// A text that can be drawn.
pub(super) struct Set {
    pub(super) runs: Vec<Run>,
    pub(super) width: f32,
    /// Whether a letter of it is replaced.
    pub(super) is_cut: bool,
}

impl Fonts {
    /// Gives each letter a font that has it.
    pub(super) fn set(&'static self, text: &str, size: f32, weight: Weight) -> Set {
        let mut set = Set { runs: Vec::new(), width: 0.0, is_cut: false };
        for letter in text.chars() {
            let face = self.face(letter, weight);
            set.is_cut |= face.is_none();
            let (face, letter) = face.map_or_else(|| (self.of(weight), UNKNOWN), |face| (face, letter));
            let width = face.width(letter, size);
            set.width += width;
            match set.runs.last_mut() {
                Some(run) if std::ptr::eq(run.face, face) => {
                    run.text.push(letter);
                    run.width += width;
                }
                _ => set.runs.push(Run { face, text: letter.into(), width }),
            }
        }
        set
    }

    /// How wide a text is.
    pub(super) fn width(&'static self, text: &str, size: f32, weight: Weight) -> f32 {
        self.set(text, size, weight).width
    }

    fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    fn face(&'static self, letter: char, weight: Weight) -> Option<&'static Face> {
        [self.of(weight), &self.east_asian].into_iter().find(|face| face.glyph(letter).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> bool {
        let fonts = fonts().expect("fonts");
        [Weight::Regular, Weight::Bold].iter().any(|weight| fonts.set(text, 10.0, *weight).is_cut)
    }

    #[test]
    fn the_letters_of_europe_and_of_east_asia_have_a_font() {
        for text in [
            "Łódź Überraschung Ærøskøbing Çeşme Þórshöfn Ħamrun Ştefan Ďurica Őry ẞ",
            "Αθήνα Ελλάδα ώ",
            "Москва Київ Ђорђе Қазақстан",
            "Nguyễn Thị Hạnh",
            "株式会社ゲートハウス ｶﾀｶﾅ 東京都千代田区",
            "北京市朝阳区门房有限公司",
            "주식회사 게이트하우스 서울특별시",
            "€ £ ¥ ₩ · – — “ ” № ©",
        ] {
            assert!(!cut(text), "{text}");
        }
    }

    #[test]
    fn a_letter_without_a_font_is_replaced_and_known_to_be() {
        for text in ["שלום", "مرحبا", "สวัสดี", "नमस्ते", "🏢"] {
            assert!(cut(text), "{text}");
        }
        let set = fonts().expect("fonts").set("A ש B", 10.0, Weight::Regular);
        assert_eq!(set.runs.iter().map(|run| run.text.as_str()).collect::<String>(), "A \u{fffd} B");
    }

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        let fonts = fonts().expect("fonts");
        let width = |text| fonts.width(text, 10.0, Weight::Regular);
        assert!((width("1234") - 4.0 * width("1")).abs() < 0.01, "digits are equally wide");
        assert!(width("株") > width("i") && width("") == 0.0);
    }
}
