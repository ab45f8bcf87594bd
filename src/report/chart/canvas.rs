//! A list of shapes in logical pixels, and its way through plotters to SVG and PNG.

use super::theme::{Ink, WHITE};
use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::prelude::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, register_font};
use std::sync::Once;

/// The reader's own font in an SVG. The embedded font is registered under this whole name, since
/// plotters' `ab_glyph` knows no other, for measuring and for PNG.
const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";
const REGULAR: &[u8] = include_bytes!("../../../assets/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/DejaVuSans-Bold-subset.ttf");

/// plotters' coordinates are whole pixels: an SVG is drawn this many times larger, and scaled back
/// by its view box, so that curves are smooth at any zoom.
const SVG_FACTOR: f64 = 8.0;
/// A PNG is drawn four times larger and halved, which smooths all edges alike.
const PNG_FACTOR: usize = 4;
/// plotters divides a font size by this for SVG.
const SVG_EM: f64 = 1.24;
/// `ab_glyph` takes the height from descent to ascent for the size: 2384 of `DejaVu`'s 2048 units.
const GLYPH_EM: f64 = 2384.0 / 2048.0;

/// Which end of a text stands at its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One thing to draw.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Shape {
    Path {
        points: Vec<(f64, f64)>,
        width: f64,
        ink: Ink,
    },
    Area {
        points: Vec<(f64, f64)>,
        ink: Ink,
    },
    /// `at` is on the base line; a turned text reads upwards.
    Text {
        at: (f64, f64),
        text: String,
        size: f64,
        bold: bool,
        anchor: Anchor,
        turned: bool,
        ink: Ink,
    },
}

/// A picture in the making.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Canvas {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

fn font(size: f64, bold: bool) -> FontDesc<'static> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
            assert!(
                register_font(FAMILY, style, bytes).is_ok(),
                "the embedded font is a font"
            );
        }
    });
    let style = if bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    };
    FontDesc::new(FontFamily::Name(FAMILY), size, style)
}

/// Width of a text, in the embedded font.
pub(super) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    let measured = font(size * GLYPH_EM * SVG_FACTOR, bold).layout_box(text);
    let ((left, _), (right, _)) = measured.expect("the family is registered");
    f64::from(right - left) / SVG_FACTOR
}

/// Breaks a text at spaces and after hyphens into lines of at most this width; a longer word stays
/// whole.
pub(super) fn wrap(text: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        for (nth, part) in word.split_inclusive('-').enumerate() {
            let glue = if nth == 0 { " " } else { "" };
            match lines.last_mut() {
                Some(line) if text_width(&format!("{line}{glue}{part}"), size, bold) <= width => {
                    line.push_str(glue);
                    line.push_str(part);
                }
                _ => lines.push(part.to_owned()),
            }
        }
    }
    lines
}

/// As [`wrap`], with lines of about equal length.
pub(super) fn wrap_evenly(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut best = wrap(text, size, false, width);
    let (rows, mut narrower) = (best.len(), width - 4.0);
    while narrower > 0.0 {
        let lines = wrap(text, size, false, narrower);
        if lines.len() > rows {
            break;
        }
        best = lines;
        narrower -= 4.0;
    }
    best
}

/// The text, cut with an ellipsis if it is wider.
pub(super) fn fit(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size, false) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    loop {
        kept.pop();
        let cut: String = kept.iter().chain(['…'].iter()).collect();
        if kept.is_empty() || text_width(&cut, size, false) <= width {
            return cut;
        }
    }
}

impl Canvas {
    pub(super) fn path(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink) {
        self.shapes.push(Shape::Path { points, width, ink });
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, ink: Ink) {
        self.path(vec![from, to], width, ink);
    }

    /// A horizontal line of dashes.
    pub(super) fn dashes(&mut self, from: (f64, f64), until: f64, width: f64, ink: Ink) {
        let (mut x, y) = from;
        while x < until {
            self.line((x, y), ((x + 5.0).min(until), y), width, ink);
            x += 8.0;
        }
    }

    pub(super) fn area(&mut self, points: Vec<(f64, f64)>, ink: Ink) {
        self.shapes.push(Shape::Area { points, ink });
    }

    pub(super) fn rect(&mut self, (left, top): (f64, f64), (right, bottom): (f64, f64), ink: Ink) {
        self.area(
            vec![(left, top), (right, top), (right, bottom), (left, bottom)],
            ink,
        );
    }

    pub(super) fn text(&mut self, at: (f64, f64), text: &str, size: f64, anchor: Anchor, ink: Ink) {
        self.words(at, text, size, anchor, ink, false, false);
    }

    pub(super) fn title(&mut self, at: (f64, f64), text: &str, size: f64, ink: Ink) {
        self.words(at, text, size, Anchor::Start, ink, true, false);
    }

    pub(super) fn turned(&mut self, at: (f64, f64), text: &str, size: f64, ink: Ink) {
        self.words(at, text, size, Anchor::Middle, ink, false, true);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the one place where all of a text comes together"
    )]
    fn words(
        &mut self,
        at: (f64, f64),
        text: &str,
        size: f64,
        anchor: Anchor,
        ink: Ink,
        bold: bool,
        turned: bool,
    ) {
        let text = printable(text);
        self.shapes.push(Shape::Text {
            at,
            text,
            size,
            bold,
            anchor,
            turned,
            ink,
        });
    }

    /// The picture as SVG, with a title and a description for those who cannot see it.
    pub(super) fn svg(&self, title: &str, description: &str) -> Result<String, String> {
        let size = |length: f64| (length * SVG_FACTOR).round() as u32;
        let (width, height) = (size(self.width), size(self.height));
        let mut svg = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut svg, (width, height));
            let shift = |em: f64| 0.76 * em;
            self.play(&mut backend, SVG_FACTOR, SVG_EM, shift)?;
            backend.present().map_err(|e| e.to_string())?;
        }
        let body = svg
            .find("<svg")
            .and_then(|start| Some(start + svg[start..].find('>')? + 1));
        let body = body.ok_or("no svg element in plotters' output")?;
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{}\" height=\"{}\" \
             viewBox=\"0 0 {width} {height}\" stroke-linejoin=\"round\">\n\
             <title>{}</title>\n<desc>{}</desc>{}",
            self.width.round(),
            self.height.round(),
            escape(title),
            escape(description),
            &svg[body..],
        ))
    }

    /// The picture as PNG.
    pub(super) fn png(&self) -> Result<Vec<u8>, String> {
        let factor = PNG_FACTOR as f64;
        let half = |length: f64| (length * factor / 2.0).round() as usize;
        let (width, height) = (half(self.width), half(self.height));
        let mut large = vec![255u8; 4 * width * height * 3];
        {
            let size = ((2 * width) as u32, (2 * height) as u32);
            let mut backend = BitMapBackend::with_buffer(&mut large, size);
            // plotters sets the base line half a font size below a text's upper edge.
            let shift = |em: f64| em * GLYPH_EM / 2.0;
            self.play(&mut backend, factor, GLYPH_EM, shift)?;
            backend.present().map_err(|e| e.to_string())?;
        }
        let mut small = Vec::with_capacity(width * height * 3);
        let row = 2 * width * 3;
        for y in 0..height {
            for x in 0..width {
                let corner = 2 * y * row + 2 * x * 3;
                for channel in corner..corner + 3 {
                    let four = [channel, channel + 3, channel + row, channel + row + 3];
                    let sum: u32 = four.iter().map(|&at| u32::from(large[at])).sum();
                    small.push(((sum + 2) / 4) as u8);
                }
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|e| e.to_string())?;
        writer.write_image_data(&small).map_err(|e| e.to_string())?;
        writer.finish().map_err(|e| e.to_string())?;
        Ok(bytes)
    }

    /// Draws all shapes, `factor` device pixels to a logical one. `em` makes a font size out of
    /// pixels per em, and `baseline` says how far below its upper edge a text's base line falls.
    fn play<B: DrawingBackend>(
        &self,
        backend: &mut B,
        factor: f64,
        em: f64,
        baseline: impl Fn(f64) -> f64,
    ) -> Result<(), String> {
        let round = |v: f64| (v * factor).round() as i32;
        let place = |&(x, y): &(f64, f64)| (round(x), round(y));
        let white = style(WHITE, 0.0, factor).filled();
        let corner = place(&(self.width, self.height));
        backend
            .draw_rect((0, 0), corner, &white, true)
            .map_err(|e| e.to_string())?;
        for shape in &self.shapes {
            match shape {
                Shape::Path { points, width, ink } => {
                    backend.draw_path(points.iter().map(place), &style(*ink, *width, factor))
                }
                Shape::Area { points, ink } => backend
                    .fill_polygon(points.iter().map(place), &style(*ink, 0.0, factor).filled()),
                Shape::Text {
                    at: (x, y),
                    text,
                    size,
                    bold,
                    anchor,
                    turned,
                    ink,
                } => {
                    let horizontal = match anchor {
                        Anchor::Start => HPos::Left,
                        Anchor::Middle => HPos::Center,
                        Anchor::End => HPos::Right,
                    };
                    let mut font = font(size * em * factor, *bold);
                    let up = baseline(*size);
                    let mut at = (*x, *y - up);
                    if *turned {
                        font = font.transform(FontTransform::Rotate270);
                        at = (*x - up, *y);
                    }
                    let colour = RGBColor(ink.rgb.0, ink.rgb.1, ink.rgb.2).mix(ink.opacity);
                    let words = TextStyle::from(font)
                        .color(&colour)
                        .pos(Pos::new(horizontal, VPos::Top));
                    backend.draw_text(text, &words, place(&at))
                }
            }
            .map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}

fn style(ink: Ink, width: f64, factor: f64) -> ShapeStyle {
    let colour = RGBColor(ink.rgb.0, ink.rgb.1, ink.rgb.2).mix(ink.opacity);
    let width = (width * factor).round().max(1.0) as u32;
    ShapeStyle {
        color: colour,
        filled: false,
        stroke_width: width,
    }
}

/// Control characters have no place in XML, nor in a picture.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn escape(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_measured_wrapped_and_cut() {
        let wide = text_width("WWWW", 12.0, false);
        assert!((40.0..60.0).contains(&wide), "{wide}");
        assert!(text_width("WWWW", 12.0, true) > wide);
        assert_eq!(
            wrap("one two three", 12.0, false, 55.0),
            ["one two", "three"]
        );
        assert_eq!(wrap("unbreakable", 12.0, false, 5.0), ["unbreakable"]);
        assert_eq!(wrap("push-pull", 12.0, false, 40.0), ["push-", "pull"]);
        let cut = fit("a rather long name", 12.0, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0, false) <= 60.0);
    }

    /// Every sign that a chart may write itself has a glyph.
    #[test]
    fn the_font_has_the_signs_we_use() {
        let missing = text_width("\u{fffff}", 100.0, false);
        for sign in "−–—’…±×·≤≥%µαβλ⁰¹²³⁴⁵⁶⁷⁸⁹⁻".chars() {
            let width = text_width(&sign.to_string(), 100.0, false);
            assert!(
                width > 0.0 && (width - missing).abs() > 0.01,
                "no glyph for {sign}"
            );
        }
    }
}
