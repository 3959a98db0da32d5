//! A display list as standalone SVG text: exports, and pictures to look at in tests.

use crate::display::DisplayList;
use crate::display::primitive::{Anchor, CellField, Mark, Paint, Primitive, Step, TextRun};
use crate::geometry::{Point, Rect, Size};
use crate::paint::shapes;
use crate::token::{Palette, Token};
use crate::units;
use std::fmt::Write;

const SANS: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif";
const MONO: &str = "ui-monospace,'Cascadia Mono','SF Mono',Menlo,Consolas,monospace";

/// A complete SVG document of this size, with colours and fonts written out.
pub fn document(list: &DisplayList, size: Size, palette: &Palette) -> String {
    let mut writer = Writer::new(size, palette);
    writer.primitives(&list.under);
    writer.cells(&list.cells);
    writer.primitives(&list.over);
    writer.finish()
}

/// The same for primitives alone, as the timeline's.
pub fn of_primitives(primitives: &[Primitive], size: Size, palette: &Palette) -> String {
    let mut writer = Writer::new(size, palette);
    writer.primitives(primitives);
    writer.finish()
}

struct Writer<'a> {
    palette: &'a Palette,
    body: String,
    size: Size,
    clips: u32,
}

/// A number with at most two decimals and no trailing noise.
struct Short(f32);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not a number and infinities have no place in a picture.
        let hundredths = if self.0.is_finite() { (self.0 * 100.0).round() as i64 } else { 0 };
        let sign = if hundredths < 0 { "-" } else { "" };
        let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            _ if rest % 10 == 0 => write!(f, "{sign}{whole}.{}", rest / 10),
            _ => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}

/// Text with the five characters that XML reserves written as entities.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

impl<'a> Writer<'a> {
    fn new(size: Size, palette: &'a Palette) -> Self {
        Self { palette, body: String::new(), size, clips: 0 }
    }

    fn finish(self) -> String {
        let (width, height) = (Short(self.size.width), Short(self.size.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n{}</svg>\n",
            self.palette.css(Token::Canvas),
            self.body
        )
    }

    // Writing to a string cannot fail; the result is there for writers that can.
    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(arguments);
        self.body.push('\n');
    }

    fn ink(&self, paint: &Paint) -> String {
        let mut out = String::new();
        let colour = |token: Option<Token>| token.map_or_else(|| "none".to_owned(), |token| self.palette.css(token));
        let _ = write!(out, " fill=\"{}\"", colour(paint.fill));
        if let Some(token) = paint.stroke {
            let _ = write!(out, " stroke=\"{}\" stroke-width=\"{}\"", self.palette.css(token), Short(paint.width));
            if let Some([dash, gap]) = paint.dash {
                let _ = write!(out, " stroke-dasharray=\"{} {}\"", Short(dash), Short(gap));
                if dash == 0.0 {
                    out.push_str(" stroke-linecap=\"round\"");
                }
            }
        }
        if paint.opacity < 1.0 {
            let _ = write!(out, " opacity=\"{}\"", Short(paint.opacity));
        }
        out
    }

    fn primitives(&mut self, list: &[Primitive]) {
        for primitive in list {
            match primitive {
                Primitive::Rect { rect, radius, paint } => self.rect(rect, *radius, paint),
                Primitive::Path { steps, paint } => {
                    let (d, ink) = (path(steps), self.ink(paint));
                    self.put(format_args!("<path d=\"{d}\"{ink}/>"));
                }
                Primitive::Glyph { mark, at, size, knockout, opacity } => {
                    self.glyph(*mark, *at, *size, *knockout, *opacity);
                }
                Primitive::Text(run) => self.text(run),
                Primitive::Dots { rect, pitch, dot, colour } => {
                    self.clips += 1;
                    let (id, pitch, fill) = (self.clips, Short(*pitch), self.palette.css(*colour));
                    let (x, y, half, radius) = (Short(rect.x), Short(rect.y), Short(pitch.0 / 2.0), Short(dot / 2.0));
                    self.put(format_args!(
                        "<pattern id=\"p{id}\" x=\"{x}\" y=\"{y}\" width=\"{pitch}\" height=\"{pitch}\" \
                         patternUnits=\"userSpaceOnUse\"><circle cx=\"{half}\" cy=\"{half}\" r=\"{radius}\" fill=\"{fill}\"/></pattern>"
                    ));
                    self.pattern(rect, id);
                }
                Primitive::Hatch { rect, pitch, colour } => {
                    self.clips += 1;
                    let (id, pitch, stroke) = (self.clips, Short(*pitch), self.palette.css(*colour));
                    self.put(format_args!(
                        "<pattern id=\"p{id}\" width=\"{pitch}\" height=\"{pitch}\" patternUnits=\"userSpaceOnUse\" \
                         patternTransform=\"rotate(45)\"><path d=\"M0 0V{pitch}\" stroke=\"{stroke}\"/></pattern>"
                    ));
                    self.pattern(rect, id);
                }
                Primitive::Pulse { rect, values, colour, opacity } => {
                    let ticks = shapes::pulse(rect, values);
                    let mut d = String::new();
                    for tick in ticks {
                        let _ = write!(d, "M{} {}v{}", Short(tick.x), Short(rect.bottom()), Short(-tick.height));
                    }
                    let paint = Paint::stroke(*colour, 1.1).faint(*opacity);
                    let ink = self.ink(&paint);
                    self.put(format_args!("<path d=\"{d}\"{ink}/>"));
                }
            }
        }
    }

    fn rect(&mut self, rect: &Rect, radius: f32, paint: &Paint) {
        let ink = self.ink(paint);
        let (x, y, width, height, radius) =
            (Short(rect.x), Short(rect.y), Short(rect.width), Short(rect.height), Short(radius));
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"{ink}/>"
        ));
    }

    fn pattern(&mut self, rect: &Rect, id: u32) {
        let (x, y, width, height) = (Short(rect.x), Short(rect.y), Short(rect.width), Short(rect.height));
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"url(#p{id})\"/>"
        ));
    }

    fn text(&mut self, run: &TextRun) {
        let anchor = match run.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let family = if run.mono { MONO } else { SANS };
        let mut more = String::new();
        if run.weight != 400 {
            let _ = write!(more, " font-weight=\"{}\"", run.weight);
        }
        if run.opacity < 1.0 {
            let _ = write!(more, " opacity=\"{}\"", Short(run.opacity));
        }
        if units::text_width(&run.text, run.size, run.mono) > run.room {
            let _ = write!(more, " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", Short(run.room));
        }
        let (x, y, size, fill) = (Short(run.x), Short(run.y), Short(run.size), self.palette.css(run.colour));
        let text = escape(&run.text);
        self.put(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-family=\"{family}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{fill}\"{more}>{text}</text>"
        ));
    }

    fn glyph(&mut self, mark: Mark, at: Point, size: f32, knockout: Token, opacity: f32) {
        let (x, y, scale) = (Short(at.x), Short(at.y), size / 16.0);
        let inner = glyph_body(mark, |token| self.palette.css(token), &self.palette.css(knockout));
        self.put(format_args!(
            "<g transform=\"translate({x} {y}) scale({scale:.4})\" opacity=\"{}\">{inner}</g>",
            Short(opacity)
        ));
    }

    fn cells(&mut self, field: &CellField) {
        for block in &field.blocks {
            let paint = Paint { stroke: block.stroke.filter(|_| block.rect.width >= 6.0), ..Paint::fill(block.fill) };
            self.rect(&block.rect, (block.rect.width * 0.04).min(2.0), &paint);
            if let Some(bar) = shapes::load_bar(block) {
                self.rect(&bar, 0.0, &Paint::fill(Token::User));
            }
        }
        let mut late = Vec::new();
        shapes::each_cell(field, |rect, state, lit| match state {
            underlay_model::health::HealthState::Healthy => {
                let (token, opacity) = field.healthy(lit);
                self.rect(&rect, (rect.width * 0.12).min(1.0), &Paint::fill(token).faint(opacity));
            }
            underlay_model::health::HealthState::Unknown => {
                self.rect(&rect.grown(-0.5), 0.0, &Paint::stroke(Token::Unknown, 1.0));
            }
            other => late.push((shapes::mark_rect(&rect), other)),
        });
        late.extend(field.blocks.iter().filter_map(shapes::block_mark));
        for (rect, state) in late {
            let (token, points) = (shapes::mark_token(state), shapes::mark_points(&rect, state));
            let mut d = String::new();
            for (i, point) in points.iter().enumerate() {
                let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, Short(point.x), Short(point.y));
            }
            let (fill, halo) = (self.palette.css(token), self.palette.css(Token::Raised));
            self.put(format_args!(
                "<path d=\"{d}Z\" fill=\"{fill}\" stroke=\"{halo}\" stroke-width=\"1\" paint-order=\"stroke\"/>"
            ));
        }
    }
}

fn path(steps: &[Step]) -> String {
    let mut d = String::new();
    for step in steps {
        let _ = match step {
            Step::Move(to) => write!(d, "M{} {}", Short(to.x), Short(to.y)),
            Step::Line(to) => write!(d, "L{} {}", Short(to.x), Short(to.y)),
            Step::Quadratic(a, to) => write!(d, "Q{} {} {} {}", Short(a.x), Short(a.y), Short(to.x), Short(to.y)),
            Step::Cubic(a, b, to) => write!(
                d,
                "C{} {} {} {} {} {}",
                Short(a.x),
                Short(a.y),
                Short(b.x),
                Short(b.y),
                Short(to.x),
                Short(to.y)
            ),
            Step::Close => write!(d, "Z"),
        };
    }
    d
}

/// A mark in a 16 × 16 square, exactly as the design draws it.
fn glyph_body(mark: Mark, colour: impl Fn(Token) -> String, knockout: &str) -> String {
    match mark {
        Mark::Healthy => format!(
            "<circle cx=\"8\" cy=\"8\" r=\"6.6\" fill=\"{}\"/>\
             <path d=\"M4.9 8.3l2.2 2.2 4-4.6\" fill=\"none\" stroke=\"{knockout}\" stroke-width=\"1.7\"/>",
            colour(Token::Healthy)
        ),
        Mark::Degraded => format!(
            "<path d=\"M8 1.3L15.2 14.2H.8z\" fill=\"{}\" stroke=\"{}\" stroke-linejoin=\"round\"/>\
             <path d=\"M8 5.9v4M8 11.3v1.5\" stroke=\"{}\" stroke-width=\"1.7\"/>",
            colour(Token::Degraded),
            colour(Token::DegradedLine),
            colour(Token::DegradedInk)
        ),
        Mark::Failing => format!(
            "<path d=\"M8 .3L15.7 8 8 15.7.3 8z\" fill=\"{}\"/>\
             <path d=\"M8 4.3v4.5M8 10.4v1.6\" stroke=\"{knockout}\" stroke-width=\"1.7\"/>",
            colour(Token::Failing)
        ),
        Mark::Unknown => format!(
            "<circle cx=\"8\" cy=\"8\" r=\"6\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\" stroke-dasharray=\"2.6 2.1\"/>",
            colour(Token::Unknown)
        ),
        Mark::Denied => format!(
            "<circle cx=\"8\" cy=\"8\" r=\"6.6\" fill=\"{knockout}\" stroke=\"{0}\" stroke-width=\"1.8\"/>\
             <path d=\"M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2\" stroke=\"{0}\" stroke-width=\"1.8\"/>",
            colour(Token::Denied)
        ),
        Mark::Notice => format!(
            "<rect x=\"1.8\" y=\"1.8\" width=\"12.4\" height=\"12.4\" rx=\"2\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\
             <path d=\"M8 7.2v4M8 4.5v1.2\" stroke=\"{}\" stroke-width=\"1.6\"/>",
            colour(Token::Fg3),
            colour(Token::Fg2)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_names_cannot_break_out() {
        assert_eq!(
            [Short(1.0), Short(-0.504), Short(2.25), Short(f32::NAN)].map(|n| n.to_string()),
            ["1", "-0.5", "2.25", "0"]
        );
        assert_eq!(escape("<a href=\"x\">&\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp; ");
    }
}
