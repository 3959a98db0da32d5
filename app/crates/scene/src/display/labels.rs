//! Labels of edges: placed along the line where they cover neither another label nor a box that is read, exceptions first.

use super::compose::{Frame, Type, text_run};
use super::primitive::{Anchor, Paint, Primitive, TextRun};
use super::{DisplayList, route};
use crate::geometry::{Point, Rect, Size};
use crate::token::Token;
use crate::units;
use underlay_model::order::Order;
use underlay_model::view::EdgeKind;

const HEIGHT: f32 = 19.0;
/// Of the text, and of the room at either side of it.
const SIZE: f32 = 11.0;
const PAD: f32 = 7.0;

/// Draws what [`Frame::labels`] asks for.
pub(super) fn draw(frame: &mut Frame<'_>) {
    let mut wanted = std::mem::take(&mut frame.labels);
    let kind_of = |frame: &Frame<'_>, edge: u32| frame.scene.topology.edges[edge as usize].kind;
    let rank = |kind: EdgeKind| match kind {
        EdgeKind::Denied => 0,
        EdgeKind::Absent => 1,
        _ => 2,
    };
    wanted.order_by_key(|(edge, _)| (rank(kind_of(frame, *edge)), *edge));
    wanted.dedup_by_key(|(edge, _)| *edge);
    // One silent instance says it once, whatever it should have reached.
    let mut silent: Vec<u32> = Vec::new();
    for (edge, text) in wanted {
        let kind = kind_of(frame, edge);
        if kind == EdgeKind::Absent {
            let source = frame.scene.topology.edges[edge as usize].source;
            if silent.contains(&source) {
                continue;
            }
            silent.push(source);
        }
        label(frame, edge, kind, &text);
    }
}

fn label(frame: &mut Frame<'_>, edge: u32, kind: EdgeKind, text: &str) {
    let Some(drawn) = frame.list.edges.iter().find(|drawn| drawn.edge == edge) else { return };
    let points = route::flatten(&drawn.steps);
    // Where all of it would cover something, the end of it can be left to the panel.
    let shorter = text.rsplit_once(", ").map(|(first, _)| first).filter(|_| kind == EdgeKind::Denied);
    for (text, can_cover) in [(Some(text), shorter.is_none() && kind != EdgeKind::Absent), (shorter, true)] {
        if text.is_some_and(|text| place_label(frame, &points, kind, text, can_cover)) {
            return;
        }
    }
}

/// Writes a label on a line where it covers nothing that is read; where there is no such place, in the middle, if it `can_cover`. Whether
/// it did.
fn place_label(frame: &mut Frame<'_>, points: &[Point], kind: EdgeKind, text: &str, can_cover: bool) -> bool {
    // Long rule names are cut, not the line.
    let text = units::fit(text, SIZE, false, 330.0);
    let width = units::text_width(&text, SIZE, false) + 2.0 * PAD;
    let viewport = Rect::new(0.0, 0.0, frame.view.viewport.width, frame.view.viewport.height);
    let place =
        |at: Point| Rect::new((at.x - width / 2.0).round() + 0.5, (at.y - HEIGHT / 2.0).round() + 0.5, width, HEIGHT);
    // From the middle outward.
    let shares = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.45, 0.55, 0.35, 0.65, 0.25, 0.75, 0.15, 0.85];
    let free = |rect: &Rect| !frame.list.labels.iter().any(|other| other.overlaps(rect)) && viewport.encloses(rect);
    let rects: Vec<Rect> = shares.map(|share| place(along(points, share))).into_iter().filter(free).collect();
    let clear = |rect: &&Rect| {
        !reading(frame).any(|other| other.overlaps(&rect.grown(-3.0))) && !is_written(frame, &rect.grown(1.0))
    };
    let best = rects.iter().find(clear);
    // What is expected is said by the dashes already: it does not cover what can be read.
    let best = best.or_else(|| rects.first().filter(|_| can_cover));
    let Some(rect) = best.copied() else { return false };
    // Half of a text cannot be read: what the label covers in part goes altogether.
    let covers = |primitive: &Primitive| match primitive {
        Primitive::Text(run) => letters(run).overlaps(&rect),
        _ => false,
    };
    frame.list.under.retain(|primitive| !covers(primitive));
    frame.list.over.retain(|primitive| !covers(primitive));
    let (fill, stroke, colour) = match kind {
        EdgeKind::Denied => (Token::Canvas, Some(Token::Line2), Token::DeniedFg),
        EdgeKind::Absent => (Token::Sheet, None, Token::Fg2),
        _ => (Token::Raised, Some(Token::Line2), Token::Fg1),
    };
    frame.list.over.push(Primitive::Rect { rect, radius: 3.0, paint: Paint { stroke, ..Paint::fill(fill) } });
    let at = Point::new(rect.centre().x, rect.y + 13.5);
    let kind = Type { anchor: Anchor::Middle, ..Type::sans(SIZE, 400, colour) };
    let run = text_run(&text, at, kind, width - PAD);
    frame.list.over.extend(run.map(Primitive::Text));
    frame.list.labels.push(rect);
    true
}

/// Where the letters of a text are: from their upper edge to the baseline.
fn letters(run: &TextRun) -> Rect {
    let width = units::text_width(&run.text, run.size, run.mono);
    let width = if run.room > 0.0 { width.min(run.room) } else { width };
    let x = match run.anchor {
        Anchor::Start => run.x,
        Anchor::Middle => run.x - width / 2.0,
        Anchor::End => run.x - width,
    };
    Rect::new(x, run.y - run.size * 0.75, width, run.size * 0.8)
}

/// Whether something is written in a part of the screen.
fn is_written(frame: &Frame<'_>, part: &Rect) -> bool {
    let lists = [&frame.list.under, &frame.list.over];
    lists.into_iter().flatten().any(|primitive| match primitive {
        // Its height is known at once, its width is not.
        Primitive::Text(run) if run.y > part.y && run.y - run.size < part.bottom() => letters(run).overlaps(part),
        _ => false,
    })
}

/// Leaves out every text that would lie on one that says more: what stands above the lines says more than what stands below them, and
/// what was drawn first more than what came later.
pub(super) fn keep_apart(list: &mut DisplayList, viewport: Size) {
    /// Height of a strip of the screen; texts are compared with those of their strips alone.
    const STRIP: f32 = 16.0;
    let window = Rect::new(0.0, 0.0, viewport.width, viewport.height);
    // A window has at most some thousands of pixels.
    let mut strips: Vec<Vec<Rect>> = vec![Vec::new(); (viewport.height.clamp(0.0, 1e5) / STRIP) as usize + 1];
    let mut fits = |primitive: &Primitive| {
        let Primitive::Text(run) = primitive else { return true };
        let rect = letters(run);
        if !rect.overlaps(&window) {
            return true;
        }
        let strip = |y: f32| ((y.max(0.0) / STRIP) as usize).min(strips.len() - 1);
        let (first, last) = (strip(rect.y), strip(rect.bottom()));
        if strips[first..=last].iter().flatten().any(|other| other.overlaps(&rect)) {
            return false;
        }
        strips[first..=last].iter_mut().for_each(|strip| strip.push(rect));
        true
    };
    list.over.retain(&mut fits);
    list.under.retain(&mut fits);
}

/// Boxes that are read and should not be covered: those of lanes and instances.
fn reading<'a>(frame: &'a Frame<'_>) -> impl Iterator<Item = Rect> + use<'a> {
    frame.scene.boxes.iter().filter_map(|&thing| frame.seen(thing)).take(200).chain(frame.cards.iter().copied())
}

/// The point at a share of a path's length.
fn along(points: &[Point], share: f32) -> Point {
    let length = |pair: &[Point]| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y);
    let total: f32 = points.windows(2).map(length).sum();
    let mut left = total * share;
    for pair in points.windows(2) {
        let piece = length(pair);
        if left <= piece && piece > 0.0 {
            let t = left / piece;
            return Point::new(pair[0].x + (pair[1].x - pair[0].x) * t, pair[0].y + (pair[1].y - pair[0].y) * t);
        }
        left -= piece;
    }
    points.last().copied().unwrap_or_default()
}
