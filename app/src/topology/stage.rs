//! What the canvas shows and how it comes to be there: scene, camera and the loop that paints a frame when something has
//! changed, and only then. The camera lives here; the rest of the page gets a settled copy.

use super::paint::{Brushes, fit_canvas, paint_primitives, pixel_ratio};
use crate::state::{LAYERS, Selection, SettledCamera, Theme};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use underlay_model::view::{EdgeKind, EntityKey, Topology};
use underlay_scene::geometry::{Camera, Insets, Point, Rect, Size};
use underlay_scene::level::Level;
use underlay_scene::motion::{Before, Motion};
use underlay_scene::overview::Minimap;
use underlay_scene::paint::SoftPainter;
use underlay_scene::{Arrangement, DisplayList, Layers, Measure, Scene, Target, View};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, ImageData};

/// The three layers of the picture, bottom to top.
pub struct Canvases {
    /// Containers and boxes.
    pub under: HtmlCanvasElement,
    /// The mass of cells, rasterised.
    pub cells: HtmlCanvasElement,
    /// Edges, cards, marks, text.
    pub over: HtmlCanvasElement,
}

/// How long a movement to a place takes, in milliseconds (design, section 7).
const MOVE_MS: f64 = 180.0;

/// Width and height of the minimap in CSS pixels (`topology.css`).
pub const MAP_SIZE: Size = Size { width: 144.0, height: 88.0 };

/// How long things take to their places in another arrangement: long enough to be followed.
const ARRANGE_MS: f64 = 420.0;

struct Movement {
    from: Camera,
    to: Camera,
    began: f64,
}

/// What is told to the page after a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameNews {
    /// The scale in percent.
    pub zoom: u32,
    /// Edges left out to keep the picture readable.
    pub left_out: u64,
    /// A topology is on the canvas.
    pub drawn: bool,
    /// The minimap has something to tell.
    pub map: bool,
}

/// How edges and states are drawn; needs no other layout.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// What edges are as wide as.
    pub measure: Measure,
    /// Only the way to the selection is drawn.
    pub path: bool,
    /// States of pods that are faded.
    pub muted: u8,
    /// Lines tell whether what they carry was encrypted.
    pub encryption: bool,
}

struct Inner {
    canvases: Option<Canvases>,
    scene: Option<Scene>,
    camera: Camera,
    /// The camera shows everything until the person moves it.
    fitted: bool,
    movement: Option<Movement>,
    viewport: Size,
    arrangement: Arrangement,
    look: Look,
    motion: Option<(Motion, f64)>,
    map_canvas: Option<HtmlCanvasElement>,
    /// The minimap of the scene as it is; made when first needed.
    map: Option<Minimap>,
    selection: Option<Target>,
    hover: Option<Target>,
    focus: Option<Target>,
    pinned: Option<Level>,
    level: Option<Level>,
    list: DisplayList,
    brushes: Brushes,
    painter: SoftPainter,
    cells_shown: bool,
    waiting: bool,
    /// Pixels at the right that a drawer covers.
    covered: f32,
    /// What the words above the picture cover, from its left top corner.
    headline: Size,
    on_frame: Box<dyn Fn(FrameNews)>,
    on_settled: Box<dyn Fn(Option<SettledCamera>)>,
    settle: Option<gloo::timers::callback::Timeout>,
}

/// A handle to the stage. Clones are the same stage.
#[derive(Clone)]
pub struct Stage(Rc<RefCell<Inner>>);

/// Layers of the scene from what is hidden.
pub fn layers(hidden: &[EdgeKind]) -> Layers {
    let mut layers = Layers::default();
    for kind in LAYERS {
        layers.set(kind, !hidden.contains(&kind));
    }
    layers
}

fn reduced_motion() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|query| query.matches())
}

fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

impl Stage {
    /// A stage without canvas or scene. `on_frame` is called after each frame, `on_settled` when the camera has come to rest
    /// (`None` when it shows everything).
    pub fn new(
        theme: Theme,
        on_frame: impl Fn(FrameNews) + 'static,
        on_settled: impl Fn(Option<SettledCamera>) + 'static,
    ) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            canvases: None,
            scene: None,
            camera: Camera::default(),
            fitted: true,
            movement: None,
            viewport: Size::new(1.0, 1.0),
            arrangement: Arrangement::default(),
            look: Look::default(),
            motion: None,
            map_canvas: None,
            map: None,
            selection: None,
            hover: None,
            focus: None,
            pinned: None,
            level: None,
            list: DisplayList::default(),
            brushes: Brushes::of(theme),
            painter: SoftPainter::new(1, 1),
            cells_shown: false,
            waiting: false,
            covered: 0.0,
            headline: Size::new(0.0, 0.0),
            on_frame: Box::new(on_frame),
            on_settled: Box::new(on_settled),
            settle: None,
        })))
    }

    /// Gives or takes away the canvases.
    pub fn set_canvases(&self, canvases: Option<Canvases>) {
        self.0.borrow_mut().canvases = canvases;
        self.request_frame();
    }

    /// The canvas has another size, in CSS pixels.
    pub fn resize(&self, viewport: Size) {
        {
            let mut inner = self.0.borrow_mut();
            if inner.viewport == viewport {
                return;
            }
            inner.viewport = viewport;
            inner.refit();
        }
        self.request_frame();
    }

    /// Takes a topology: numbers change in place, a different content is laid out anew. The camera stays unless it is fitted.
    pub fn set_topology(&self, topology: Arc<Topology>) {
        {
            let mut inner = self.0.borrow_mut();
            let arrangement = inner.arrangement.clone();
            let changed = match &mut inner.scene {
                Some(scene) => scene.update(topology),
                none => {
                    *none = Some(Scene::arranged(topology, arrangement));
                    true
                }
            };
            inner.hover = None;
            inner.map = None;
            if changed {
                inner.refit();
            }
        }
        self.request_frame();
    }

    /// Forgets the scene.
    pub fn clear(&self) {
        {
            let mut inner = self.0.borrow_mut();
            inner.scene = None;
            inner.map = None;
            inner.list = DisplayList::default();
            inner.fitted = true;
            inner.movement = None;
            inner.hover = None;
        }
        self.request_frame();
    }

    /// Shows the same in another arrangement. Where things go elsewhere, some of them are seen moving.
    pub fn arrange(&self, arrangement: Arrangement) {
        {
            let mut inner = self.0.borrow_mut();
            if inner.arrangement == arrangement {
                return;
            }
            let only_layers = Arrangement { layers: arrangement.layers, ..inner.arrangement.clone() } == arrangement;
            inner.arrangement = arrangement.clone();
            let view = inner.view();
            let drawn = inner.canvases.is_some() && !only_layers && !reduced_motion();
            let Some(scene) = &mut inner.scene else { return };
            let before = drawn.then(|| Before::of(scene, &view));
            let changed = scene.arrange(arrangement);
            inner.map = None;
            if changed {
                inner.hover = None;
                inner.selection = None;
                inner.focus = None;
                inner.refit();
                let view = inner.view();
                let motion = before.zip(inner.scene.as_ref()).map(|(before, scene)| before.motion_to(scene, &view));
                inner.motion = motion.filter(|motion| !motion.is_empty()).map(|motion| (motion, now()));
            }
        }
        self.request_frame();
    }

    /// Draws edges and states another way.
    pub fn set_look(&self, look: Look) {
        self.0.borrow_mut().look = look;
        self.request_frame();
    }

    /// Marks things as selected besides the selection.
    pub fn mark(&self, things: Vec<u32>) {
        if let Some(scene) = &mut self.0.borrow_mut().scene {
            scene.mark(things);
        }
        self.request_frame();
    }

    /// Draws one way alone.
    pub fn set_way(&self, things: Vec<u32>) {
        if let Some(scene) = &mut self.0.borrow_mut().scene {
            scene.set_way(things);
        }
        self.request_frame();
    }

    /// The words above the picture take so much room at its top left, in CSS pixels. Where they would lie on something, the picture
    /// moves below them.
    pub fn set_headline(&self, corner: Size) {
        {
            let mut inner = self.0.borrow_mut();
            inner.headline = corner;
            inner.refit();
        }
        self.request_frame();
    }

    /// The containers that the middle of the window stands in.
    pub fn crumbs(&self) -> Vec<u32> {
        let inner = self.0.borrow();
        inner.scene.as_ref().map(|scene| scene.crumbs(&inner.view())).unwrap_or_default()
    }

    /// Gives or takes away the canvas of the minimap.
    pub fn set_map(&self, canvas: Option<HtmlCanvasElement>) {
        self.0.borrow_mut().map_canvas = canvas;
        self.request_frame();
    }

    /// Looks at what is at a place of the minimap.
    pub fn look_at(&self, at: Point) {
        {
            let mut inner = self.0.borrow_mut();
            let Some(world) = inner.map.as_ref().map(|map| map.to_world(at)) else { return };
            let seen = inner.camera.to_screen(world);
            let middle = Point::new(inner.viewport.width / 2.0, inner.viewport.height / 2.0);
            inner.camera = inner.camera.panned(middle.x - seen.x, middle.y - seen.y);
            inner.movement = None;
            inner.fitted = false;
        }
        self.moved();
    }

    /// Pins a level of detail.
    pub fn pin(&self, level: Option<Level>) {
        self.0.borrow_mut().pinned = level;
        self.request_frame();
    }

    /// Paints in another theme.
    pub fn set_theme(&self, theme: Theme) {
        self.0.borrow_mut().brushes = Brushes::of(theme);
        self.request_frame();
    }

    /// Marks the selected thing.
    pub fn set_selection(&self, selection: Option<Target>) {
        self.0.borrow_mut().selection = selection;
        self.request_frame();
    }

    /// Marks what is under the pointer.
    pub fn set_hover(&self, hover: Option<Target>) {
        {
            let mut inner = self.0.borrow_mut();
            if inner.hover == hover {
                return;
            }
            inner.hover = hover;
        }
        self.request_frame();
    }

    /// Marks what has the keyboard's focus, and brings it into view.
    pub fn set_focus(&self, focus: Option<Target>) {
        {
            let mut inner = self.0.borrow_mut();
            inner.focus = focus;
            if let Some(Target::Entity(entity)) = focus {
                inner.bring_into_view(entity);
            }
        }
        self.request_frame();
    }

    /// Reads the scene, if there is one.
    pub fn with_scene<T>(&self, read: impl FnOnce(&Scene) -> T) -> Option<T> {
        self.0.borrow().scene.as_ref().map(read)
    }

    /// What is under a place of the canvas.
    pub fn hit(&self, at: Point) -> Option<Target> {
        let inner = self.0.borrow();
        let scene = inner.scene.as_ref()?;
        scene.hit(&inner.view(), &inner.list, at)
    }

    /// Moves the picture by so many pixels.
    pub fn pan(&self, dx: f32, dy: f32) {
        {
            let mut inner = self.0.borrow_mut();
            inner.movement = None;
            inner.fitted = false;
            inner.camera = inner.camera.panned(dx, dy);
        }
        self.moved();
    }

    /// Zooms about a place of the canvas, or its middle.
    pub fn zoom(&self, factor: f32, about: Option<Point>, smooth: bool) {
        {
            let mut inner = self.0.borrow_mut();
            let middle = Point::new(inner.viewport.width / 2.0, inner.viewport.height / 2.0);
            let from = inner.movement.as_ref().map_or(inner.camera, |movement| movement.to);
            let to = from.zoomed(factor, about.unwrap_or(middle));
            inner.go(to, smooth);
            inner.fitted = false;
        }
        self.moved();
    }

    /// Shows everything.
    pub fn fit(&self, smooth: bool) {
        {
            let mut inner = self.0.borrow_mut();
            let to = inner.scene.as_ref().map(|scene| inner.fitting(scene));
            if let Some(to) = to {
                inner.go(to, smooth);
            }
            inner.fitted = true;
        }
        self.moved();
    }

    /// Goes to a camera of an address.
    pub fn go_to(&self, camera: SettledCamera) {
        {
            let mut inner = self.0.borrow_mut();
            // A camera's numbers fit an f32; absurd scales are brought back into what the scene draws.
            let scale = (camera.scale as f32).clamp(Camera::LEAST, Camera::MOST);
            inner.movement = None;
            inner.camera = Camera { x: camera.x as f32, y: camera.y as f32, scale };
            inner.fitted = false;
        }
        self.moved();
    }

    /// Shows one thing large enough to read.
    pub fn zoom_to(&self, target: Target) {
        {
            let mut inner = self.0.borrow_mut();
            let Target::Entity(entity) = target else { return };
            let Some(to) =
                inner.scene.as_ref().and_then(|scene| scene.zoom_to(entity, inner.viewport, inner.clear_insets()))
            else {
                return;
            };
            inner.go(to, true);
            inner.fitted = false;
        }
        self.moved();
    }

    /// Shows a thing by name: where it is already seen well, nothing moves.
    pub fn show(&self, key: &EntityKey) {
        let entity = self.with_scene(|scene| scene.find(key)).flatten();
        let Some(entity) = entity else { return };
        let small = {
            let inner = self.0.borrow();
            let seen =
                inner.scene.as_ref().and_then(|scene| scene.place(entity)).map(|place| inner.camera.rect(&place));
            seen.is_none_or(|seen| seen.width < 60.0)
        };
        if small {
            self.zoom_to(Target::Entity(entity));
        } else {
            let moved = {
                let mut inner = self.0.borrow_mut();
                inner.bring_into_view(entity)
            };
            if moved {
                self.moved();
            }
        }
    }

    /// A drawer covers so many pixels at the right; the selected thing is brought out from under it.
    pub fn cover(&self, pixels: f32) {
        let moved = {
            let mut inner = self.0.borrow_mut();
            inner.covered = pixels;
            match inner.selection {
                Some(Target::Entity(entity)) if pixels > 0.0 => inner.bring_into_view(entity),
                _ => false,
            }
        };
        if moved {
            self.moved();
        }
    }

    /// The picture as a standalone SVG: what the canvas shows, with the headline.
    pub fn svg(&self) -> Option<String> {
        let inner = self.0.borrow();
        let scene = inner.scene.as_ref()?;
        let view = View { hover: None, focus: None, headline: true, ..inner.view() };
        let list = scene.display(&view);
        Some(underlay_scene::svg::document(&list, inner.viewport, inner.brushes.palette()))
    }

    fn moved(&self) {
        self.request_frame();
        let stage = self.clone();
        let settle = gloo::timers::callback::Timeout::new(350, move || {
            let inner = stage.0.borrow();
            let camera = inner.movement.as_ref().map_or(inner.camera, |movement| movement.to);
            let settled = (!inner.fitted).then(|| SettledCamera {
                scale: f64::from(camera.scale),
                x: f64::from(camera.x),
                y: f64::from(camera.y),
            });
            (inner.on_settled)(settled);
        });
        // A newer movement replaces the wait for the older one.
        self.0.borrow_mut().settle = Some(settle);
    }

    /// Asks for one frame, however often it is called before the browser comes round.
    pub fn request_frame(&self) {
        {
            let mut inner = self.0.borrow_mut();
            if inner.waiting {
                return;
            }
            inner.waiting = true;
        }
        let stage = self.clone();
        let callback = Closure::once_into_js(move |_: f64| stage.frame());
        if let Some(window) = web_sys::window() {
            // A window always grants frames.
            let _ = window.request_animation_frame(callback.unchecked_ref());
        }
    }

    fn frame(&self) {
        let (news, again) = {
            let mut inner = self.0.borrow_mut();
            inner.waiting = false;
            let again = inner.advance();
            inner.draw();
            let again = again || inner.motion.is_some();
            // Percent of a scale between 2 and 12,800.
            let zoom = (inner.camera.scale * 100.0).round() as u32;
            let drawn = inner.scene.is_some() && inner.canvases.is_some();
            let map = inner.draw_map();
            (FrameNews { zoom, left_out: inner.list.edges_left_out, drawn, map }, again)
        };
        (self.0.borrow().on_frame)(news);
        if again {
            self.request_frame();
        }
    }
}

impl Inner {
    fn insets(&self) -> Insets {
        Insets::default()
    }

    /// The insets within which a thing counts as seen.
    fn clear_insets(&self) -> Insets {
        let insets = self.insets();
        Insets { right: insets.right + self.covered, ..insets }
    }

    fn view(&self) -> View {
        View {
            camera: self.camera,
            viewport: self.viewport,
            insets: self.insets(),
            selection: self.selection,
            hover: self.hover,
            focus: self.focus,
            pinned: self.pinned,
            previous: self.level,
            measure: self.look.measure,
            path: self.look.path,
            muted: self.look.muted,
            encryption: self.look.encryption,
            ..View::default()
        }
    }

    /// The camera that shows everything, clear of the words above it.
    fn fitting(&self, scene: &Scene) -> Camera {
        let words = Rect::new(0.0, 0.0, self.headline.width, self.headline.height);
        let camera = scene.fit(self.viewport, self.insets());
        if !scene.lies_under(&camera, &words) {
            return camera;
        }
        scene.fit(self.viewport, Insets { top: self.headline.height, ..self.insets() })
    }

    fn refit(&mut self) {
        if self.fitted
            && let Some(scene) = &self.scene
        {
            self.camera = self.fitting(scene);
            self.movement = None;
        }
    }

    fn go(&mut self, to: Camera, smooth: bool) {
        if smooth && !reduced_motion() {
            self.movement = Some(Movement { from: self.camera, to, began: now() });
        } else {
            self.movement = None;
            self.camera = to;
        }
    }

    /// Whether the camera had to move.
    fn bring_into_view(&mut self, entity: u32) -> bool {
        let Some(place) = self.scene.as_ref().and_then(|scene| scene.place(entity)) else { return false };
        let seen = self.camera.rect(&place);
        let (insets, margin) = (self.clear_insets(), 12.0);
        // The nearer edge counts when a thing is larger than the window.
        let shift = |low: f32, high: f32, from: f32, to: f32| {
            if high - low > to - from || low < from {
                if high - low > to - from && low < from && high > to { 0.0 } else { from - low }
            } else if high > to {
                to - high
            } else {
                0.0
            }
        };
        let dx = shift(seen.x, seen.right(), insets.left + margin, self.viewport.width - insets.right - margin);
        let dy = shift(seen.y, seen.bottom(), insets.top + margin, self.viewport.height - insets.bottom - margin);
        let inside = dx.abs() < 1.0 && dy.abs() < 1.0;
        let large = seen.width > self.viewport.width || seen.height > self.viewport.height;
        if inside || large {
            return false;
        }
        let to = self.camera.panned(dx, dy);
        self.go(to, true);
        self.fitted = false;
        true
    }

    /// Moves the camera along; true while it is under way.
    fn advance(&mut self) -> bool {
        let Some(movement) = &self.movement else { return false };
        let part = ((now() - movement.began) / MOVE_MS).clamp(0.0, 1.0);
        if part >= 1.0 {
            self.camera = movement.to;
            self.movement = None;
            return false;
        }
        // Ease out; scales are moved along their logarithm, so that zooming feels even.
        let eased = (1.0 - (1.0 - part).powi(3)) as f32;
        let (from, to) = (movement.from, movement.to);
        let scale = from.scale * (to.scale / from.scale).powf(eased);
        let share =
            if (to.scale - from.scale).abs() < 1e-6 { eased } else { (scale - from.scale) / (to.scale - from.scale) };
        self.camera = Camera { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, scale };
        true
    }

    /// Paints the minimap; whether it tells anything.
    fn draw_map(&mut self) -> bool {
        let Some(scene) = &self.scene else { return false };
        let map = self.map.get_or_insert_with(|| scene.minimap(MAP_SIZE));
        let view = View { camera: self.camera, viewport: self.viewport, ..View::default() };
        let frame = map.frame(&view);
        let (Some(frame), Some(canvas)) = (frame, &self.map_canvas) else { return false };
        let Some(map) = &self.map else { return false };
        if let Some(context) = fit_canvas(canvas, MAP_SIZE) {
            paint_primitives(&context, &map.primitives, &self.brushes);
            paint_primitives(&context, &[frame], &self.brushes);
        }
        true
    }

    fn draw(&mut self) {
        if self.canvases.is_none() {
            return;
        }
        let mut list = match &self.scene {
            Some(scene) => scene.display(&self.view()),
            None => DisplayList::default(),
        };
        if let Some((motion, began)) = &self.motion {
            let part = ((now() - began) / ARRANGE_MS).clamp(0.0, 1.0) as f32;
            if part < 1.0 {
                motion.at(1.0 - (1.0 - part).powi(3), &mut list.over);
            } else {
                self.motion = None;
            }
        }
        self.level = Some(list.level);
        let Some(canvases) = &self.canvases else { return };
        if let Some(context) = fit_canvas(&canvases.under, self.viewport) {
            paint_primitives(&context, &list.under, &self.brushes);
        }
        if !list.cells.is_empty() || self.cells_shown {
            self.cells_shown = !list.cells.is_empty();
            if let Some(context) = fit_canvas(&canvases.cells, self.viewport) {
                let (width, height) = (canvases.cells.width(), canvases.cells.height());
                if self.cells_shown && width > 0 && height > 0 {
                    if self.painter.size() != (width, height) {
                        self.painter = SoftPainter::new(width, height);
                    }
                    // A ratio between 0.5 and 4.
                    self.painter.paint(&list.cells, self.brushes.palette(), pixel_ratio() as f32);
                    let pixels = wasm_bindgen::Clamped(self.painter.pixels());
                    if let Ok(image) = ImageData::new_with_u8_clamped_array(pixels, self.painter.size().0) {
                        // The picture is put as it is, without the context's scaling.
                        let _ = context.put_image_data(&image, 0.0, 0.0);
                    }
                }
            }
        }
        if let Some(context) = fit_canvas(&canvases.over, self.viewport) {
            paint_primitives(&context, &list.over, &self.brushes);
        }
        self.list = list;
    }
}

/// The thing or edge of a selection in this scene.
pub fn resolve(scene: &Scene, selection: &Selection) -> Option<Target> {
    match selection {
        Selection::Entity(key) => scene.find(key).map(Target::Entity),
        Selection::Edge { source, target, kind } => {
            let (source, target) = (scene.find(source)?, scene.find(target)?);
            let edges = &scene.topology().edges;
            let at =
                edges.iter().position(|edge| edge.source == source && edge.target == target && edge.kind == *kind)?;
            u32::try_from(at).ok().map(Target::Edge)
        }
    }
}

/// The stable name of a thing or edge of this scene.
pub fn selection_of(scene: &Scene, target: Target) -> Option<Selection> {
    let topology = scene.topology();
    let key = |at: u32| scene.thing(at).map(|entity| entity.key.clone());
    match target {
        Target::Entity(at) => key(at).map(Selection::Entity),
        Target::Edge(at) => {
            let edge = topology.edges.get(at as usize)?;
            Some(Selection::Edge { source: key(edge.source)?, target: key(edge.target)?, kind: edge.kind })
        }
    }
}
