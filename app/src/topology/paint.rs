//! A display list on a 2D canvas: each primitive is a few calls, colours come from the theme's palette, sizes are CSS pixels
//! whatever the screen's density. Calls into the browser are what a frame costs, so colours, fonts and texts are handed over once and
//! set only when they change.

use crate::state::Theme;
use js_sys::{Array, JsString};
use std::cell::RefCell;
use std::f64::consts::TAU;
use underlay_scene::geometry::{Point, Rect, Size};
use underlay_scene::primitive::{Anchor, Mark, Paint, Primitive, Step, TextRun};
use underlay_scene::{Palette, Token};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d as Context, HtmlCanvasElement, Path2d};

const SANS: &str = "system-ui, -apple-system, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif";
const MONO: &str = "ui-monospace, \"Cascadia Mono\", \"SF Mono\", Menlo, Consolas, \"DejaVu Sans Mono\", monospace";

#[wasm_bindgen]
extern "C" {
    /// The context again, with what takes texts taking those that the browser already holds.
    type Pen;
    #[wasm_bindgen(method, setter, js_name = fillStyle)]
    fn set_fill(this: &Pen, colour: &JsString);
    #[wasm_bindgen(method, setter, js_name = strokeStyle)]
    fn set_stroke(this: &Pen, colour: &JsString);
    #[wasm_bindgen(method, setter, js_name = font)]
    fn set_font(this: &Pen, font: &JsString);
    #[wasm_bindgen(method, js_name = fillText)]
    fn write(this: &Pen, text: &JsValue, x: f64, y: f64);
    #[wasm_bindgen(method, js_name = fillText)]
    fn write_within(this: &Pen, text: &JsValue, x: f64, y: f64, room: f64);
}

/// A font by weight, quarters of a pixel, and whether it is monospaced.
type Font = (u16, u16, bool);

/// A theme's colours as the canvas wants them, the paths of marks, and the fonts that were used.
pub struct Brushes {
    palette: Palette,
    colours: Vec<JsString>,
    /// Tick, triangle, diamond, cross, and the strokes on them, as `glyph` numbers them.
    paths: Vec<Path2d>,
    fonts: RefCell<Vec<(Font, JsString)>>,
}

/// Paths of marks in a square of 16.
const PATHS: [&str; 7] = [
    "M4.9 8.3l2.2 2.2 4-4.6",
    "M8 1.3L15.2 14.2H.8z",
    "M8 5.9v4M8 11.3v1.5",
    "M8 .3L15.7 8 8 15.7.3 8z",
    "M8 4.3v4.5M8 10.4v1.6",
    "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2",
    "M8 7.2v4M8 4.5v1.2",
];

impl Brushes {
    /// Of a theme, or of the system where it forces its colours.
    pub fn of(theme: Theme) -> Self {
        let palette = super::forced::palette().unwrap_or_else(|| match theme {
            Theme::Dark => Palette::dark(),
            Theme::Light => Palette::light(),
        });
        let mut colours = vec![JsString::from(""); Token::ALL.len()];
        for token in Token::ALL {
            if let Some(colour) = colours.get_mut(token as usize) {
                *colour = palette.css(token).into();
            }
        }
        let paths = PATHS.iter().filter_map(|path| Path2d::new_with_path_string(path).ok()).collect();
        Self { palette, colours, paths, fonts: RefCell::default() }
    }

    /// The same as numbers, for the raster painter and exports.
    pub fn palette(&self) -> &Palette {
        &self.palette
    }

    /// Calls with a font's text, which is made once.
    fn with_font(&self, font: Font, set: impl FnOnce(&JsString)) {
        /// While zooming sizes follow one another; the old ones are not asked for again.
        const KEPT: usize = 48;
        let mut fonts = self.fonts.borrow_mut();
        if let Some((_, text)) = fonts.iter().find(|(known, _)| *known == font) {
            return set(text);
        }
        if fonts.len() >= KEPT {
            fonts.clear();
        }
        let (weight, quarters, mono) = font;
        let family = if mono { MONO } else { SANS };
        let text = JsString::from(format!("{weight} {}px {family}", f64::from(quarters) / 4.0));
        set(&text);
        fonts.push((font, text));
    }
}

/// Device pixels a CSS pixel.
pub fn pixel_ratio() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(0.5, 4.0)
}

/// Gives the canvas as many device pixels as it covers, clears it, and returns its context in CSS pixels.
pub fn fit_canvas(canvas: &HtmlCanvasElement, size: Size) -> Option<Context> {
    let ratio = pixel_ratio();
    // Sizes of a canvas are small positive numbers.
    let (width, height) =
        ((f64::from(size.width) * ratio).round() as u32, (f64::from(size.height) * ratio).round() as u32);
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context: Context = canvas.get_context("2d").ok().flatten()?.dyn_into().ok()?;
    // A canvas always takes a plain scaling.
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    Some(context)
}

/// Paints primitives in their order on a canvas that [`fit_canvas`] made ready.
pub fn paint_primitives(context: &Context, primitives: &[Primitive], brushes: &Brushes) {
    // All texts cross into the browser as one.
    let mut all = String::new();
    for primitive in primitives {
        if let Primitive::Text(run) = primitive {
            all.extend(run.text.split(SEPARATOR));
            all.push(SEPARATOR);
        }
    }
    let texts = JsString::from(all).split(SEPARATOR.encode_utf8(&mut [0; 4]));
    let pen = context.unchecked_ref::<Pen>();
    let mut painter = Painter {
        context,
        pen,
        brushes,
        ratio: pixel_ratio(),
        fill: None,
        stroke: None,
        font: None,
        anchor: None,
        alpha: f32::NAN,
    };
    context.set_text_baseline("alphabetic");
    context.set_line_cap("butt");
    let mut text = 0;
    for primitive in primitives {
        match primitive {
            Primitive::Rect { rect, radius, paint } => painter.rect(rect, *radius, paint),
            Primitive::Path { steps, paint } => {
                context.begin_path();
                add_steps(context, steps);
                painter.finish(paint);
            }
            Primitive::Glyph { mark, at, size, knockout, opacity } => {
                painter.alpha(*opacity);
                painter.glyph(*mark, *at, *size, *knockout);
            }
            Primitive::Text(run) => {
                painter.text(run, &texts, text);
                text += 1;
            }
            Primitive::Dots { rect, pitch, dot, colour } => painter.dots(rect, *pitch, *dot, *colour),
            Primitive::Hatch { rect, pitch, colour } => painter.hatch(rect, *pitch, *colour),
            Primitive::Pulse { rect, values, colour, opacity } => {
                painter.alpha(*opacity);
                painter.pulse(rect, values, *colour);
            }
        }
    }
    context.set_global_alpha(1.0);
}

/// Stands between texts, and is left out of them.
const SEPARATOR: char = '\u{1}';

fn add_rect(context: &Context, rect: &Rect, radius: f32) {
    let (x, y) = (f64::from(rect.x), f64::from(rect.y));
    let (width, height) = (f64::from(rect.width), f64::from(rect.height));
    let radius = f64::from(radius).min(width / 2.0).min(height / 2.0);
    if radius < 0.5 {
        context.rect(x, y, width, height);
        return;
    }
    context.move_to(x + radius, y);
    for (from, to) in [
        ((x + width, y), (x + width, y + height)),
        ((x + width, y + height), (x, y + height)),
        ((x, y + height), (x, y)),
        ((x, y), (x + width, y)),
    ] {
        // A radius that is not negative is accepted.
        let _ = context.arc_to(from.0, from.1, to.0, to.1, radius);
    }
    context.close_path();
}

fn add_steps(context: &Context, steps: &[Step]) {
    for step in steps {
        match *step {
            Step::Move(p) => context.move_to(f64::from(p.x), f64::from(p.y)),
            Step::Line(p) => context.line_to(f64::from(p.x), f64::from(p.y)),
            Step::Quadratic(c, p) => {
                context.quadratic_curve_to(f64::from(c.x), f64::from(c.y), f64::from(p.x), f64::from(p.y));
            }
            Step::Cubic(a, b, p) => context.bezier_curve_to(
                f64::from(a.x),
                f64::from(a.y),
                f64::from(b.x),
                f64::from(b.y),
                f64::from(p.x),
                f64::from(p.y),
            ),
            Step::Close => context.close_path(),
        }
    }
}

fn set_dash(context: &Context, dash: Option<[f32; 2]>) {
    let lengths = js_sys::Array::new();
    for length in dash.into_iter().flatten() {
        lengths.push(&f64::from(length).into());
    }
    // Finite lengths are accepted.
    let _ = context.set_line_dash(&lengths);
}

/// A context and what it is set to.
struct Painter<'a> {
    context: &'a Context,
    pen: &'a Pen,
    brushes: &'a Brushes,
    ratio: f64,
    fill: Option<Token>,
    stroke: Option<Token>,
    font: Option<Font>,
    anchor: Option<Anchor>,
    alpha: f32,
}

impl Painter<'_> {
    fn fill(&mut self, token: Token) {
        if self.fill.replace(token) != Some(token)
            && let Some(colour) = self.brushes.colours.get(token as usize)
        {
            self.pen.set_fill(colour);
        }
    }

    fn stroke(&mut self, token: Token) {
        if self.stroke.replace(token) != Some(token)
            && let Some(colour) = self.brushes.colours.get(token as usize)
        {
            self.pen.set_stroke(colour);
        }
    }

    fn alpha(&mut self, alpha: f32) {
        if self.alpha != alpha {
            self.alpha = alpha;
            self.context.set_global_alpha(f64::from(alpha));
        }
    }

    fn rect(&mut self, rect: &Rect, radius: f32, paint: &Paint) {
        if radius >= 0.5 || paint.dash.is_some() {
            self.context.begin_path();
            add_rect(self.context, rect, radius);
            return self.finish(paint);
        }
        self.alpha(paint.opacity);
        let (x, y) = (f64::from(rect.x), f64::from(rect.y));
        let (width, height) = (f64::from(rect.width), f64::from(rect.height));
        if let Some(fill) = paint.fill {
            self.fill(fill);
            self.context.fill_rect(x, y, width, height);
        }
        if let Some(stroke) = paint.stroke {
            self.stroke(stroke);
            self.context.set_line_width(f64::from(paint.width));
            self.context.stroke_rect(x, y, width, height);
        }
    }

    /// Fills and strokes the path that was begun.
    fn finish(&mut self, paint: &Paint) {
        self.alpha(paint.opacity);
        if let Some(fill) = paint.fill {
            self.fill(fill);
            self.context.fill();
        }
        if let Some(stroke) = paint.stroke {
            self.stroke(stroke);
            self.context.set_line_width(f64::from(paint.width));
            let Some([dash, _]) = paint.dash else { return self.context.stroke() };
            let round = dash == 0.0;
            if round {
                self.context.set_line_cap("round");
            }
            set_dash(self.context, paint.dash);
            self.context.stroke();
            set_dash(self.context, None);
            if round {
                self.context.set_line_cap("butt");
            }
        }
    }

    fn area(&mut self, path: usize, token: Token) {
        self.fill(token);
        if let Some(path) = self.brushes.paths.get(path) {
            self.context.fill_with_path_2d(path);
        }
    }

    fn lines(&mut self, path: usize, width: f64, token: Token) {
        self.stroke(token);
        self.context.set_line_width(width);
        if let Some(path) = self.brushes.paths.get(path) {
            self.context.stroke_with_path(path);
        }
    }

    fn disc(&self, radius: f64) {
        self.context.begin_path();
        // A positive radius is accepted.
        let _ = self.context.arc(8.0, 8.0, radius, 0.0, TAU);
    }

    /// The marks of the sprite, in a square of 16, with their left top at a place.
    fn glyph(&mut self, mark: Mark, at: Point, size: f32, knockout: Token) {
        let (scale, ratio) = (f64::from(size) / 16.0 * self.ratio, self.ratio);
        // A canvas takes any finite translation and scaling.
        let (x, y) = (f64::from(at.x) * ratio, f64::from(at.y) * ratio);
        let _ = self.context.set_transform(scale, 0.0, 0.0, scale, x, y);
        match mark {
            Mark::Healthy => {
                self.disc(6.6);
                self.fill(Token::Healthy);
                self.context.fill();
                self.lines(0, 1.7, knockout);
            }
            Mark::Degraded => {
                self.area(1, Token::Degraded);
                self.context.set_line_join("round");
                self.lines(1, 1.0, Token::DegradedLine);
                self.context.set_line_join("miter");
                self.lines(2, 1.7, Token::DegradedInk);
            }
            Mark::Failing => {
                self.area(3, Token::Failing);
                self.lines(4, 1.7, knockout);
            }
            Mark::Unknown => {
                self.disc(6.0);
                let paint = Paint::stroke(Token::Unknown, 1.6).dashed(2.6, 2.1);
                self.finish(&paint.faint(self.alpha));
            }
            Mark::Denied => {
                self.disc(6.6);
                self.fill(knockout);
                self.context.fill();
                self.stroke(Token::Denied);
                self.context.set_line_width(1.8);
                self.context.stroke();
                self.lines(5, 1.8, Token::Denied);
            }
            Mark::Notice => {
                self.context.begin_path();
                add_rect(self.context, &Rect::new(1.8, 1.8, 12.4, 12.4), 2.0);
                self.stroke(Token::Fg3);
                self.context.set_line_width(1.5);
                self.context.stroke();
                self.lines(6, 1.6, Token::Fg2);
            }
        }
        let _ = self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    }

    /// The text at a place among all texts.
    fn text(&mut self, run: &TextRun, texts: &Array, at: u32) {
        // Sizes are small positive numbers; every font of its own costs the browser more than a quarter of a pixel is worth.
        let font = (run.weight, (run.size * 4.0).round() as u16, run.mono);
        if self.font.replace(font) != Some(font) {
            self.brushes.with_font(font, |text| self.pen.set_font(text));
        }
        if self.anchor.replace(run.anchor) != Some(run.anchor) {
            self.context.set_text_align(match run.anchor {
                Anchor::Start => "left",
                Anchor::Middle => "center",
                Anchor::End => "right",
            });
        }
        self.fill(run.colour);
        self.alpha(run.opacity);
        let (text, x, y) = (texts.get(at), f64::from(run.x), f64::from(run.y));
        if run.room > 0.0 {
            self.pen.write_within(&text, x, y, f64::from(run.room));
        } else {
            self.pen.write(&text, x, y);
        }
    }

    /// A grid of dots, as dashes of one line a row; a very large well is drawn with a coarser grid.
    fn dots(&mut self, rect: &Rect, pitch: f32, dot: f32, colour: Token) {
        let canvas = self.context.canvas().map_or((0, 0), |canvas| (canvas.width(), canvas.height()));
        let pitch = pitch.max(3.0);
        // Sizes of a canvas are small.
        let (right, bottom) = (rect.right().min(canvas.0 as f32), rect.bottom().min(canvas.1 as f32));
        let first = |start: f32| if start < 0.0 { start + (-start / pitch).floor() * pitch } else { start };
        let x = first(rect.x) + (pitch - dot) / 2.0;
        let mut y = first(rect.y) + pitch / 2.0;
        self.context.begin_path();
        while y < bottom {
            self.context.move_to(f64::from(x), f64::from(y));
            self.context.line_to(f64::from(right), f64::from(y));
            y += pitch;
        }
        self.finish(&Paint::stroke(colour, dot).dashed(dot, pitch - dot));
    }

    fn hatch(&mut self, rect: &Rect, pitch: f32, colour: Token) {
        self.context.save();
        self.context.begin_path();
        self.context.rect(f64::from(rect.x), f64::from(rect.y), f64::from(rect.width), f64::from(rect.height));
        self.context.clip();
        self.context.begin_path();
        let mut x = rect.x - rect.height;
        while x < rect.right() {
            self.context.move_to(f64::from(x), f64::from(rect.bottom()));
            self.context.line_to(f64::from(x + rect.height), f64::from(rect.y));
            x += pitch.max(2.0);
        }
        self.finish(&Paint::stroke(colour, 1.0));
        self.context.restore();
        // What was set inside is gone with the clip.
        (self.fill, self.stroke, self.font, self.anchor, self.alpha) = (None, None, None, None, f32::NAN);
    }

    fn pulse(&mut self, rect: &Rect, values: &[u8], colour: Token) {
        if values.is_empty() || rect.width < 2.0 {
            return;
        }
        // At most one tick a pixel pair: a tick then stands for the largest of its minutes.
        let most = (rect.width / 2.0).floor().max(1.0) as usize;
        let shared = values.len().div_ceil(most);
        let ticks = values.len().div_ceil(shared);
        let pitch = rect.width / ticks as f32;
        let width = (pitch * 0.55).clamp(0.8, 3.0);
        self.fill(colour);
        self.context.begin_path();
        for (at, minutes) in values.chunks(shared).enumerate() {
            let value = minutes.iter().copied().max().unwrap_or(0);
            let height = if value == 0 { 1.0 } else { 2.0 + (rect.height - 2.0) * f32::from(value) / 255.0 };
            self.context.rect(
                f64::from(rect.x + at as f32 * pitch),
                f64::from(rect.bottom() - height),
                f64::from(width),
                f64::from(height),
            );
        }
        self.context.fill();
    }
}
