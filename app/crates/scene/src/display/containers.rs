//! Everything but nodes and pods: sheets, subnets, zone blocks, lanes and their captions.

use super::compose::{Frame, Type, is_exception, mark, text_run};
use super::nodes::inside;
use super::primitive::{Paint, Primitive};
use crate::geometry::{Point, Rect};
use crate::level::Level;
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;

/// Draws sheets, subnets, zone blocks and captions.
pub(super) fn draw(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    for &thing in &scene.containers {
        let entity = &scene.things[thing as usize];
        let Some(rect) = frame.seen(thing) else { continue };
        match entity.kind {
            EntityKind::VirtualNetwork if scene.is_dense() => {}
            EntityKind::NodeSubnet if scene.is_dense() && !scene.layout.is_collapsed(thing) => {}
            EntityKind::Group if scene.is_dense() => {}
            EntityKind::VirtualNetwork => sheet(frame, thing, &rect),
            _ => subnet(frame, thing, &rect),
        }
    }
    blocks(frame);
}

/// Draws the captions of lanes: last, because where something else is written they say least.
pub(super) fn captions(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let scale = frame.view.camera.scale * scene.layout.factor;
    for caption in &scene.layout.captions {
        // A single box of the same name says it already.
        if scene.boxes.iter().any(|&thing| scene.things[thing as usize].name == caption.text) {
            continue;
        }
        let at = frame.view.camera.to_screen(caption.at);
        let kind = Type::sans(frame.size(11.0, scale), 500, Token::Fg1);
        let run = text_run(&caption.text, at, kind, 140.0 * scale.max(0.5));
        frame.list.under.extend(run.map(Primitive::Text));
    }
}

fn sheet(frame: &mut Frame<'_>, thing: u32, rect: &Rect) {
    let entity = &frame.scene.things[thing as usize];
    let scale = frame.view.camera.scale;
    let radius = 6.0 * scale.min(1.5);
    frame.list.under.push(Primitive::Rect { rect: *rect, radius, paint: Paint::panel(Token::Sheet, Token::Line2) });
    let size = frame.size(11.0, scale);
    // Half of the head row is the least that a line of text needs.
    if 34.0 * scale < 14.0 {
        return;
    }
    let baseline = rect.y + (18.5 * scale).max(12.0);
    let (at, room) = (Point::new(rect.x + 11.5 * scale, baseline), rect.width - 23.0 * scale);
    title(frame, &entity.name, &entity.detail, at, size, room);
    worst_at_right(frame, thing, rect, baseline);
}

/// A name in medium weight with a fainter detail right after it, as far as there is room.
fn title(frame: &mut Frame<'_>, name: &str, detail: &str, at: Point, size: f32, room: f32) {
    let run = text_run(name, at, Type::sans(size, 500, Token::Fg1), room);
    let used = run.as_ref().map_or(0.0, |run| units::text_width(&run.text, size, false)) + 8.0;
    frame.list.under.extend(run.map(Primitive::Text));
    if units::text_width(detail, size, true) <= room - used {
        let kind = Type::mono(size, Token::Fg2);
        let run = text_run(detail, Point::new(at.x + used, at.y), kind, room - used);
        frame.list.under.extend(run.map(Primitive::Text));
    }
}

/// `1 failing` with its mark at the right of a caption row, where members are too small to be read. Containers wear their worst.
fn worst_at_right(frame: &mut Frame<'_>, thing: u32, rect: &Rect, baseline: f32) {
    if frame.level >= Level::Cards {
        return;
    }
    let states = frame.scene.members.states[thing as usize];
    let worst = frame.scene.members.worst[thing as usize];
    count_at_right(frame, worst, states, Point::new(rect.right() - 10.0, baseline), rect.width * 0.5);
}

/// Room that the mark of an exception takes, in pixels.
const MARK_ROOM: f32 = 13.0;

/// See [`worst_at_right`]; `at` is the right end of the baseline. Falls back to the mark alone.
fn count_at_right(frame: &mut Frame<'_>, worst: HealthState, states: [u32; 4], at: Point, room: f32) {
    if !is_exception(worst) {
        return;
    }
    let (word, colour) =
        if worst == HealthState::Failing { ("failing", Token::FailingFg) } else { ("degraded", Token::DegradedFg) };
    let number = u64::from(states[worst as usize]);
    let text = if number > 0 { format!("{} {word}", units::count(number)) } else { word.to_owned() };
    let width = units::text_width(&text, 10.5, false);
    let mut left = at.x;
    if room < MARK_ROOM {
        return;
    }
    if width + 16.0 <= room {
        let run = text_run(&text, at, Type::sans(10.5, 400, colour).at_end(), room);
        frame.list.over.extend(run.map(Primitive::Text));
        left -= width + 5.0;
    }
    let glyph = Primitive::Glyph {
        mark: mark(worst),
        at: Point::new(left - 11.0, at.y - 9.5),
        size: 11.0,
        knockout: Token::Sheet,
        opacity: 1.0,
    };
    frame.list.over.push(glyph);
}

fn subnet(frame: &mut Frame<'_>, thing: u32, rect: &Rect) {
    let entity = &frame.scene.things[thing as usize];
    let scale = frame.view.camera.scale * frame.scene.layout.factor;
    let own_surface = frame.scene.is_dense();
    let paint = if own_surface { Paint::panel(Token::Sheet, Token::Line2) } else { Paint::stroke(Token::Line2, 1.0) };
    frame.list.under.push(Primitive::Rect { rect: *rect, radius: 4.0 * scale.min(1.5), paint });
    let (words, short) = match entity.kind {
        EntityKind::GatewaySubnet => ("AGC subnet", "AGC"),
        EntityKind::NodeSubnet => ("Node subnet", "Nodes"),
        _ => (entity.name.as_str(), entity.name.as_str()),
    };
    let collapsed = frame.scene.layout.is_collapsed(thing);
    if collapsed || entity.kind == EntityKind::Group {
        let (worst, states) = (frame.scene.members.worst[thing as usize], frame.scene.members.states[thing as usize]);
        let at = Point::new(rect.right() - 6.0, rect.y + (17.5 * scale).max(10.0));
        count_at_right(frame, worst, states, at, 18.0);
    }
    if 28.0 * scale < 13.0 {
        return;
    }
    let size = frame.size(11.0, scale);
    let pad = if own_surface { 7.5 } else { 9.5 } * scale;
    let (at, room) = (Point::new(rect.x + pad, rect.y + (17.5 * scale).max(12.0)), rect.width - 2.0 * pad);
    let words = if units::text_width(words, size, false) <= room * 1.06 { words } else { short };
    let detail_width = units::text_width(&entity.detail, size, true);
    let wide = rect.width >= 200.0 * scale;
    if wide {
        // One row: what it is, its name when that says more, and the prefix at the right.
        let run = text_run(words, at, Type::sans(size, 500, Token::Fg1), room);
        let used = run.as_ref().map_or(0.0, |run| units::text_width(&run.text, size, false)) + 8.0;
        frame.list.under.extend(run.map(Primitive::Text));
        let mut rest = room - used;
        if collapsed || entity.kind == EntityKind::Group {
            let at = Point::new(at.x + used, at.y);
            let words = inside(frame.scene, thing);
            let run = text_run(&words, at, Type::sans(size, 400, Token::Fg3), rest - 20.0);
            frame.list.under.extend(run.map(Primitive::Text));
            return;
        }
        if detail_width <= rest {
            let run =
                text_run(&entity.detail, Point::new(at.x + room, at.y), Type::mono(size, Token::Fg2).at_end(), rest);
            frame.list.under.extend(run.map(Primitive::Text));
            rest -= detail_width + 8.0;
        }
        if entity.name != words && rest > 40.0 && scale >= 0.8 {
            let run = text_run(&entity.name, Point::new(at.x + used, at.y), Type::sans(size, 400, Token::Fg3), rest);
            frame.list.under.extend(run.map(Primitive::Text));
        }
    } else {
        let run = text_run(words, at, Type::sans(size, 500, Token::Fg1), room);
        frame.list.under.extend(run.map(Primitive::Text));
        let next = (rect.y + 32.5 * scale).max(at.y + size * 1.2);
        if collapsed && rect.height >= 30.0 {
            let words = inside(frame.scene, thing);
            let below = Point::new(at.x, next);
            let run = text_run(&words, below, Type::sans(size, 400, Token::Fg2), room);
            frame.list.under.extend(run.map(Primitive::Text));
        } else if scale >= 0.8 {
            let below = Point::new(at.x, next);
            let run = text_run(&entity.detail, below, Type::mono(size, Token::Fg2), room);
            frame.list.under.extend(run.map(Primitive::Text));
        }
    }
}

/// Zone blocks with the captions of their pools.
fn blocks(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let Some(area) = &scene.layout.dense else { return };
    let scale = frame.view.camera.scale;
    let visible = frame.visible;
    for block in area.blocks.iter().filter(|block| block.rect.overlaps(&visible)) {
        let rect = frame.rect(&block.rect);
        let paint = Paint::panel(Token::Sheet, Token::Line2);
        frame.list.under.push(Primitive::Rect { rect, radius: 5.0 * scale.min(1.5), paint });
        let head = block.head * scale;
        let name = &block.name;
        let size = frame.size(12.0, scale).min(14.0);
        // A row for the zone and one for its pools; the zone's alone where both do not fit.
        let both = head >= 30.0;
        let baseline = rect.y + if both { head * 0.42 } else { (head * 0.5 + size * 0.36).max(size) };
        if head >= 11.0 {
            let at = Point::new(rect.x + 9.5, baseline);
            let run = text_run(name, at, Type::sans(size, 600, Token::Fg1), rect.width - 20.0);
            frame.list.over.extend(run.map(Primitive::Text));
        }
        let mut whole = ([0u32; 4], HealthState::Unknown);
        let folded = block.group.filter(|&group| scene.layout.is_collapsed(group));
        if let Some(group) = folded.filter(|_| both) {
            let at = Point::new(rect.x + 9.5, rect.y + head * 0.83);
            let run = text_run(&inside(scene, group), at, Type::sans(10.5, 400, Token::Fg2), rect.width - 90.0);
            frame.list.over.extend(run.map(Primitive::Text));
        }
        for pool in &block.pools {
            // A collapsed group has no boxes, and its members all the same.
            let counted: &[u32] = match folded.as_ref().or(pool.group.as_ref()) {
                Some(group) => std::slice::from_ref(group),
                None => &pool.nodes,
            };
            let mut states = [0u32; 4];
            let mut worst = HealthState::Unknown;
            for &member in counted {
                worst = worst.max(scene.members.worst[member as usize]);
                for (sum, part) in states.iter_mut().zip(scene.members.states[member as usize]) {
                    *sum += part;
                }
            }
            whole.1 = whole.1.max(worst);
            whole.0.iter_mut().zip(states).for_each(|(sum, part)| *sum += part);
            if both && folded.is_none() {
                let left = frame.view.camera.to_screen(pool.at);
                let width = (pool.columns as f32 * scene.node_width() * 1.105).max(70.0) * scale;
                let at = Point::new(left.x, rect.y + head * 0.83);
                let nodes = pool.group.map_or(pool.nodes.len(), |group| scene.members.children.of(group).len());
                pool_caption(frame, pool.name.as_str(), nodes, states, worst, at, width);
            }
        }
        if !both || folded.is_some() {
            count_at_right(
                frame,
                whole.1,
                whole.0,
                Point::new(rect.right() - 8.0, baseline.max(rect.y + 11.0)),
                rect.width * 0.5,
            );
        }
    }
    for &well in &area.wells {
        let Some(rect) = frame.seen(well) else { continue };
        let entity = &scene.things[well as usize];
        let is_group = entity.kind == EntityKind::Group;
        let hovered = is_group && frame.is_hovered(well);
        let surface = if is_group { Token::Sheet } else { Token::Well };
        let paint = Paint::panel(surface, if hovered { Token::Line3 } else { Token::Line2 });
        frame.list.under.push(Primitive::Rect { rect, radius: (4.0 * scale).clamp(2.0, 5.0), paint });
        let head = area.well_head * scale;
        let (worst, states) = (scene.members.worst[well as usize], scene.members.states[well as usize]);
        let size = frame.size(11.0, head / 26.0).min(14.0);
        let baseline = rect.y + (head * 0.5 + size * 0.36).max(size);
        if head < size {
            // No room for words: the worst member is said all the same.
            count_at_right(frame, worst, states, Point::new(rect.right() - 2.0, rect.y + 9.5), 15.0);
            continue;
        }
        let pods = units::count(u64::from(states.iter().sum::<u32>()));
        let counted =
            [pods.as_str(), if entity.detail.is_empty() || !is_group { "" } else { "  " }, &entity.detail].concat();
        let detail = if is_group { &counted } else { &entity.detail };
        let alarm = if is_exception(worst) { 74.0_f32.min(rect.width * 0.4) } else { 0.0 };
        title(frame, &entity.name, detail, Point::new(rect.x + 9.5, baseline), size, rect.width - 19.0 - alarm);
        count_at_right(frame, worst, states, Point::new(rect.right() - 9.0, baseline), alarm);
    }
}

fn pool_caption(
    frame: &mut Frame<'_>,
    name: &str,
    nodes: usize,
    states: [u32; 4],
    worst: HealthState,
    at: Point,
    width: f32,
) {
    let size = 10.5;
    let run = text_run(name, at, Type::sans(size, 500, Token::Fg1), width.max(40.0));
    let used = run.as_ref().map_or(0.0, |run| units::text_width(&run.text, size, false)) + 7.0;
    frame.list.over.extend(run.map(Primitive::Text));
    let pods = u64::from(states.iter().sum::<u32>());
    let nodes = units::counted(nodes as u64, "node", "nodes");
    let long = format!("{nodes}, {}", units::counted(pods, "pod", "pods"));
    // Words of the exception where there is room for them, its mark in any case.
    let (alarm, least) = if is_exception(worst) { (86.0, 8.0 + MARK_ROOM) } else { (0.0, 0.0) };
    let text = if units::text_width(&long, size, false) <= width - used - alarm { long } else { nodes };
    if units::text_width(&text, size, false) <= width - used - least {
        let run = text_run(&text, Point::new(at.x + used, at.y), Type::sans(size, 400, Token::Fg3), width);
        let end = used + run.as_ref().map_or(0.0, |run| units::text_width(&run.text, size, false));
        frame.list.over.extend(run.map(Primitive::Text));
        count_at_right(frame, worst, states, Point::new(at.x + width - 4.0, at.y), width - end - 8.0);
    } else {
        count_at_right(frame, worst, states, Point::new(at.x + width - 4.0, at.y), width - used);
    }
}
