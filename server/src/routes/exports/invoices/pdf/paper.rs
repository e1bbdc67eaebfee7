//! Pages: where the next line goes, and a new page where there is no room. Lengths are points, counted from the top.

use domain::billing::Invoice;
use krilla::{
    Document,
    color::rgb,
    geom::{PathBuilder, Point},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule, Stroke},
    surface::Surface,
};

use super::fonts::{Fonts, Weight};

/// A4.
pub(super) const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// Left and right, above and below.
pub(super) const MARGIN: f32 = 56.0;
/// Where the foot begins.
const FOOT: f32 = HEIGHT - 64.0;
/// From one line to the next, as a part of the size.
const LEADING: f32 = 1.45;

/// What is drawn onto one page.
#[derive(Default)]
struct Sheet {
    words: Vec<Word>,
    rules: Vec<f32>,
}

/// A text at its place.
struct Word {
    x: f32,
    y: f32,
    text: String,
    size: f32,
    weight: Weight,
    tone: Tone,
}

/// How dark a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Ink,
    Soft,
}

/// At which edge a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Pages that are being filled.
pub(super) struct Paper {
    fonts: &'static Fonts,
    done: Vec<Sheet>,
    sheet: Sheet,
    /// Where the next line goes.
    pub(super) y: f32,
    is_cut: bool,
}

impl Paper {
    pub(super) fn new(fonts: &'static Fonts) -> Self {
        Self { fonts, done: Vec::new(), sheet: Sheet::default(), y: MARGIN, is_cut: false }
    }

    /// Whether a letter was replaced on any page.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Goes on with a new page where there is no room for so much; answers whether it did.
    pub(super) fn need(&mut self, height: f32) -> bool {
        if self.y + height <= FOOT {
            return false;
        }
        self.done.push(std::mem::take(&mut self.sheet));
        self.y = MARGIN;
        true
    }

    /// Goes down.
    pub(super) fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// A text whose left or right end is there, on the line that begins at that height.
    pub(super) fn put(
        &mut self,
        end: Side,
        (x, y): (f32, f32),
        text: &str,
        size: f32,
        weight: Weight,
        tone: Tone,
    ) {
        let set = self.fonts.set(text, size, weight);
        self.is_cut |= set.is_cut;
        let x = if end == Side::Right { x - set.width } else { x };
        let text = text.to_owned();
        self.sheet.words.push(Word { x, y: y + size, text, size, weight, tone });
    }

    /// A line of its own.
    pub(super) fn line(&mut self, text: &str, size: f32, weight: Weight, tone: Tone) {
        self.need(size * LEADING);
        self.put(Side::Left, (MARGIN, self.y), text, size, weight, tone);
        self.skip(size * LEADING);
    }

    /// A text that is broken to a width, at `x` from `y` on; answers how high it is.
    pub(super) fn block(&mut self, x: f32, y: f32, width: f32, text: &str, size: f32, tone: Tone) -> f32 {
        let lines = wrap(self.fonts, text, size, width);
        let mut at = y;
        for line in &lines {
            self.put(Side::Left, (x, at), line, size, Weight::Regular, tone);
            at += size * LEADING;
        }
        at - y
    }

    /// How high a text is that is broken to a width.
    pub(super) fn height(&self, text: &str, size: f32, width: f32) -> f32 {
        let lines = wrap(self.fonts, text, size, width).len();
        #[expect(clippy::cast_precision_loss, reason = "a text has some lines")]
        let count = lines as f32;
        count * size * LEADING
    }

    /// A thin line across the page.
    pub(super) fn rule(&mut self) {
        self.sheet.rules.push(self.y);
        self.skip(6.0);
    }

    /// Draws everything, with a foot on each page.
    pub(super) fn draw(mut self, document: &mut Document, invoice: &Invoice) -> Option<()> {
        self.done.push(std::mem::take(&mut self.sheet));
        let count = self.done.len();
        for (index, sheet) in self.done.iter().enumerate() {
            let mut page = document.start_page_with(PageSettings::from_wh(WIDTH, HEIGHT)?);
            let mut surface = page.surface();
            for y in &sheet.rules {
                rule(&mut surface, *y);
            }
            for word in &sheet.words {
                draw(&mut surface, self.fonts, word);
            }
            let foot = |x, text: String| Word {
                x,
                y: HEIGHT - 36.0,
                text,
                size: 8.0,
                weight: Weight::Regular,
                tone: Tone::Soft,
            };
            draw(&mut surface, self.fonts, &foot(MARGIN, invoice.head.number.clone()));
            let number = format!("Page {} of {count}", index + 1);
            let x = WIDTH - MARGIN - self.fonts.width(&number, 8.0, Weight::Regular);
            draw(&mut surface, self.fonts, &foot(x, number));
            surface.finish();
            page.finish();
        }
        Some(())
    }
}

fn draw(surface: &mut Surface<'_>, fonts: &'static Fonts, word: &Word) {
    let color = match word.tone {
        Tone::Ink => rgb::Color::new(24, 24, 27),
        Tone::Soft => rgb::Color::new(82, 82, 91),
    };
    let opacity = NormalizedF32::ONE;
    surface.set_fill(Some(Fill { paint: color.into(), opacity, rule: FillRule::default() }));
    let mut x = word.x;
    for run in fonts.set(&word.text, word.size, word.weight).runs {
        let at = Point::from_xy(x, word.y);
        let glyphs = run.face.glyphs(&run.text);
        surface.draw_glyphs(at, &glyphs, run.face.font.clone(), &run.text, word.size, false);
        x += run.width;
    }
}

fn rule(surface: &mut Surface<'_>, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(MARGIN, y);
    path.line_to(WIDTH - MARGIN, y);
    let Some(path) = path.finish() else { return };
    let paint = rgb::Color::new(212, 212, 216).into();
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { paint, width: 0.75, ..Stroke::default() }));
    surface.draw_path(&path);
    surface.set_stroke(None);
}

/// Breaks a text to a width: between words, and within one that is longer than a line, as those of East Asia are.
fn wrap(fonts: &'static Fonts, text: &str, size: f32, width: f32) -> Vec<String> {
    let fits = |line: &str| fonts.width(line, size, Weight::Regular) <= width;
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if !fits(&line) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.into()));
                }
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_to_its_width_and_keeps_every_letter() {
        let fonts = super::super::fonts::fonts().expect("fonts");
        for text in
            ["Team with 3 more seats, for the rest of the month", &"株式会社".repeat(40), &"x".repeat(300)]
        {
            let lines = wrap(fonts, text, 9.0, 200.0);
            assert!(lines.iter().all(|line| fonts.width(line, 9.0, Weight::Regular) <= 200.0), "{lines:?}");
            let joined: String = lines.concat();
            assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        }
        assert_eq!(wrap(fonts, "one\ntwo", 9.0, 200.0), ["one", "two"]);
    }
}
