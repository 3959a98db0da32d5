//! A display list on a 2D canvas: each primitive is a few calls, colours come from the theme's palette, sizes are CSS pixels
//! whatever the screen's density.

use crate::state::Theme;
use std::f64::consts::TAU;
use underlay_scene::geometry::{Rect, Size};
use underlay_scene::primitive::{Anchor, Mark, Paint, Primitive, Step, TextRun};
use underlay_scene::{Palette, Token};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d as Context, HtmlCanvasElement, Path2d};

const SANS: &str = "system-ui, -apple-system, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif";
const MONO: &str = "ui-monospace, \"Cascadia Mono\", \"SF Mono\", Menlo, Consolas, \"DejaVu Sans Mono\", monospace";

/// A theme's colours as the canvas wants them.
pub struct Brushes {
    palette: Palette,
    colours: Vec<String>,
}

impl Brushes {
    /// Of a theme, or of the system where it forces its colours.
    pub fn of(theme: Theme) -> Self {
        let palette = super::forced::palette().unwrap_or_else(|| match theme {
            Theme::Dark => Palette::dark(),
            Theme::Light => Palette::light(),
        });
        let mut colours = vec![String::new(); Token::ALL.len()];
        for token in Token::ALL {
            if let Some(colour) = colours.get_mut(token as usize) {
                *colour = palette.css(token);
            }
        }
        Self { palette, colours }
    }

    /// The same as numbers, for the raster painter and exports.
    pub fn palette(&self) -> &Palette {
        &self.palette
    }

    fn colour(&self, token: Token) -> &str {
        self.colours.get(token as usize).map_or("", String::as_str)
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

/// Paints primitives in their order.
pub fn paint_primitives(context: &Context, primitives: &[Primitive], brushes: &Brushes) {
    for primitive in primitives {
        match primitive {
            Primitive::Rect { rect, radius, paint } => {
                context.begin_path();
                add_rect(context, rect, *radius);
                finish(context, paint, brushes);
            }
            Primitive::Path { steps, paint } => {
                context.begin_path();
                add_steps(context, steps);
                finish(context, paint, brushes);
            }
            Primitive::Glyph { mark, at, size, knockout, opacity } => {
                context.save();
                context.set_global_alpha(f64::from(*opacity));
                // Translation and scaling of a canvas cannot fail for finite numbers.
                let _ = context.translate(f64::from(at.x), f64::from(at.y));
                let _ = context.scale(f64::from(*size) / 16.0, f64::from(*size) / 16.0);
                glyph(context, *mark, *knockout, brushes);
                context.restore();
            }
            Primitive::Text(run) => text(context, run, brushes),
            Primitive::Dots { rect, pitch, dot, colour } => dots(context, rect, *pitch, *dot, brushes.colour(*colour)),
            Primitive::Hatch { rect, pitch, colour } => hatch(context, rect, *pitch, brushes.colour(*colour)),
            Primitive::Pulse { rect, values, colour, opacity } => {
                context.set_global_alpha(f64::from(*opacity));
                pulse(context, rect, values, brushes.colour(*colour));
                context.set_global_alpha(1.0);
            }
        }
    }
}

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

fn finish(context: &Context, paint: &Paint, brushes: &Brushes) {
    context.set_global_alpha(f64::from(paint.opacity));
    if let Some(fill) = paint.fill {
        context.set_fill_style_str(brushes.colour(fill));
        context.fill();
    }
    if let Some(stroke) = paint.stroke {
        context.set_stroke_style_str(brushes.colour(stroke));
        context.set_line_width(f64::from(paint.width));
        let dotted = paint.dash.is_some_and(|[dash, _]| dash == 0.0);
        context.set_line_cap(if dotted { "round" } else { "butt" });
        if paint.dash.is_some() {
            set_dash(context, paint.dash);
        }
        context.stroke();
        if paint.dash.is_some() {
            set_dash(context, None);
        }
    }
    context.set_global_alpha(1.0);
}

/// The marks of the sprite, in a square of 16.
fn glyph(context: &Context, mark: Mark, knockout: Token, brushes: &Brushes) {
    let disc = |radius: f64| {
        context.begin_path();
        // A positive radius is accepted.
        let _ = context.arc(8.0, 8.0, radius, 0.0, TAU);
    };
    let lines = |path: &str, width: f64, colour: &str| {
        if let Ok(path) = Path2d::new_with_path_string(path) {
            context.set_line_width(width);
            context.set_stroke_style_str(colour);
            context.stroke_with_path(&path);
        }
    };
    let area = |path: &str, colour: &str| {
        if let Ok(path) = Path2d::new_with_path_string(path) {
            context.set_fill_style_str(colour);
            context.fill_with_path_2d(&path);
        }
    };
    context.set_line_cap("butt");
    match mark {
        Mark::Healthy => {
            disc(6.6);
            context.set_fill_style_str(brushes.colour(Token::Healthy));
            context.fill();
            lines("M4.9 8.3l2.2 2.2 4-4.6", 1.7, brushes.colour(knockout));
        }
        Mark::Degraded => {
            const TRIANGLE: &str = "M8 1.3L15.2 14.2H.8z";
            area(TRIANGLE, brushes.colour(Token::Degraded));
            context.set_line_join("round");
            lines(TRIANGLE, 1.0, brushes.colour(Token::DegradedLine));
            context.set_line_join("miter");
            lines("M8 5.9v4M8 11.3v1.5", 1.7, brushes.colour(Token::DegradedInk));
        }
        Mark::Failing => {
            area("M8 .3L15.7 8 8 15.7.3 8z", brushes.colour(Token::Failing));
            lines("M8 4.3v4.5M8 10.4v1.6", 1.7, brushes.colour(knockout));
        }
        Mark::Unknown => {
            disc(6.0);
            set_dash(context, Some([2.6, 2.1]));
            context.set_line_width(1.6);
            context.set_stroke_style_str(brushes.colour(Token::Unknown));
            context.stroke();
            set_dash(context, None);
        }
        Mark::Denied => {
            disc(6.6);
            context.set_fill_style_str(brushes.colour(knockout));
            context.fill();
            context.set_line_width(1.8);
            context.set_stroke_style_str(brushes.colour(Token::Denied));
            context.stroke();
            lines("M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2", 1.8, brushes.colour(Token::Denied));
        }
        Mark::Notice => {
            context.begin_path();
            add_rect(context, &Rect::new(1.8, 1.8, 12.4, 12.4), 2.0);
            context.set_line_width(1.5);
            context.set_stroke_style_str(brushes.colour(Token::Fg3));
            context.stroke();
            lines("M8 7.2v4M8 4.5v1.2", 1.6, brushes.colour(Token::Fg2));
        }
    }
}

fn text(context: &Context, run: &TextRun, brushes: &Brushes) {
    let family = if run.mono { MONO } else { SANS };
    context.set_font(&format!("{} {}px {family}", run.weight, run.size));
    context.set_text_align(match run.anchor {
        Anchor::Start => "left",
        Anchor::Middle => "center",
        Anchor::End => "right",
    });
    context.set_text_baseline("alphabetic");
    context.set_fill_style_str(brushes.colour(run.colour));
    context.set_global_alpha(f64::from(run.opacity));
    // A text that cannot be drawn is left out.
    let _ = if run.room > 0.0 {
        context.fill_text_with_max_width(&run.text, f64::from(run.x), f64::from(run.y), f64::from(run.room))
    } else {
        context.fill_text(&run.text, f64::from(run.x), f64::from(run.y))
    };
    context.set_global_alpha(1.0);
}

/// Dots that the clip of the canvas would hide are not worth a call; a very large well is drawn with a coarser grid.
fn dots(context: &Context, rect: &Rect, pitch: f32, dot: f32, colour: &str) {
    let canvas = context.canvas().map_or((0, 0), |canvas| (canvas.width(), canvas.height()));
    let pitch = pitch.max(3.0);
    // Sizes of a canvas are small.
    let (right, bottom) = (rect.right().min(canvas.0 as f32), rect.bottom().min(canvas.1 as f32));
    let first = |start: f32| if start < 0.0 { start + (-start / pitch).floor() * pitch } else { start };
    context.begin_path();
    let mut y = first(rect.y) + pitch / 2.0;
    while y < bottom {
        let mut x = first(rect.x) + pitch / 2.0;
        while x < right {
            context.rect(f64::from(x - dot / 2.0), f64::from(y - dot / 2.0), f64::from(dot), f64::from(dot));
            x += pitch;
        }
        y += pitch;
    }
    context.set_fill_style_str(colour);
    context.fill();
}

fn hatch(context: &Context, rect: &Rect, pitch: f32, colour: &str) {
    context.save();
    context.begin_path();
    context.rect(f64::from(rect.x), f64::from(rect.y), f64::from(rect.width), f64::from(rect.height));
    context.clip();
    context.begin_path();
    let mut x = rect.x - rect.height;
    while x < rect.right() {
        context.move_to(f64::from(x), f64::from(rect.bottom()));
        context.line_to(f64::from(x + rect.height), f64::from(rect.y));
        x += pitch.max(2.0);
    }
    context.set_line_width(1.0);
    context.set_stroke_style_str(colour);
    context.stroke();
    context.restore();
}

fn pulse(context: &Context, rect: &Rect, values: &[u8], colour: &str) {
    if values.is_empty() || rect.width < 2.0 {
        return;
    }
    // At most one tick a pixel pair: a tick then stands for the largest of its minutes.
    let most = (rect.width / 2.0).floor().max(1.0) as usize;
    let shared = values.len().div_ceil(most);
    let ticks = values.len().div_ceil(shared);
    let pitch = rect.width / ticks as f32;
    let width = (pitch * 0.55).clamp(0.8, 3.0);
    context.begin_path();
    for (at, minutes) in values.chunks(shared).enumerate() {
        let value = minutes.iter().copied().max().unwrap_or(0);
        let height = if value == 0 { 1.0 } else { 2.0 + (rect.height - 2.0) * f32::from(value) / 255.0 };
        context.rect(
            f64::from(rect.x + at as f32 * pitch),
            f64::from(rect.bottom() - height),
            f64::from(width),
            f64::from(height),
        );
    }
    context.set_fill_style_str(colour);
    context.fill();
}
