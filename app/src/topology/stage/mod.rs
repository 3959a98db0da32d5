//! What the canvas shows and how it comes to be there: the scene, how it is looked at, and what is marked in it. A change asks for a
//! frame, and only a change does. The camera's movements and the frame itself have modules of their own.

mod camera;
mod frame;

use super::paint::Brushes;
use super::screen::{Screen, now};
use crate::state::{LAYERS, Selection, SettledCamera, Theme};
use camera::Movement;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use underlay_model::view::{EdgeKind, Topology};
use underlay_scene::geometry::{Camera, Point, Size};
use underlay_scene::level::Level;
use underlay_scene::motion::{Before, Motion};
use underlay_scene::overview::Minimap;
use underlay_scene::primitive::Primitive;
use underlay_scene::{Arrangement, Layers, Measure, Scene, Target, View};
use web_sys::HtmlCanvasElement;

/// Width and height of the minimap in CSS pixels (`topology.css`).
pub const MAP_SIZE: Size = Size { width: 144.0, height: 88.0 };

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
    /// Pixels that words at the top left may take before they meet the picture.
    pub headline_room: u32,
    /// The picture is whole, and nothing in it moves.
    pub resting: bool,
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
    /// The picture on its canvases, while there are any.
    screen: Option<Screen>,
    /// Something changed since the last picture was begun.
    stale: bool,
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
    /// The frame on the minimap as it was last painted.
    map_frame: Option<Primitive>,
    selection: Option<Target>,
    hover: Option<Target>,
    focus: Option<Target>,
    pinned: Option<Level>,
    level: Option<Level>,
    brushes: Brushes,
    waiting: bool,
    /// Pixels at the right that a drawer covers.
    covered: f32,
    /// What the words above the picture cover, from its left top corner.
    headline: Size,
    /// Pixels at the left of the top that nothing in the picture takes while it shows everything.
    headline_room: f32,
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

impl Stage {
    /// A stage without canvas or scene. `on_frame` is called after each frame, `on_settled` when the camera has come to rest
    /// (`None` when it shows everything).
    pub fn new(
        theme: Theme,
        on_frame: impl Fn(FrameNews) + 'static,
        on_settled: impl Fn(Option<SettledCamera>) + 'static,
    ) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            screen: None,
            stale: false,
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
            map_frame: None,
            selection: None,
            hover: None,
            focus: None,
            pinned: None,
            level: None,
            brushes: Brushes::of(theme),
            waiting: false,
            covered: 0.0,
            headline: Size::new(0.0, 0.0),
            headline_room: f32::INFINITY,
            on_frame: Box::new(on_frame),
            on_settled: Box::new(on_settled),
            settle: None,
        })))
    }

    /// Gives or takes away the two canvases that lie on one another.
    pub fn set_canvases(&self, canvases: Option<(HtmlCanvasElement, HtmlCanvasElement)>) {
        let stage = self.clone();
        let screen = canvases.map(|(first, second)| Screen::new(first, second, move || stage.request_frame()));
        self.0.borrow_mut().screen = screen;
        self.request_frame();
    }

    /// The canvas has another size, in CSS pixels. What is selected and was in view stays so, beside the panel that tells of it.
    pub fn resize(&self, viewport: Size) {
        let moved = {
            let mut inner = self.0.borrow_mut();
            if inner.viewport == viewport {
                return;
            }
            let selected = match inner.selection {
                Some(Target::Entity(entity)) if !inner.fitted => Some(entity),
                _ => None,
            };
            let in_view = selected.filter(|&entity| inner.out_of_view(entity).is_none());
            inner.viewport = viewport;
            inner.refit();
            in_view.is_some_and(|entity| inner.bring_into_view(entity))
        };
        if moved {
            self.moved();
        } else {
            self.request_frame();
        }
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
            let (layers, encryption_off) = (arrangement.layers, arrangement.encryption_off);
            let only_layers = Arrangement { layers, encryption_off, ..inner.arrangement.clone() } == arrangement;
            inner.arrangement = arrangement.clone();
            let view = inner.view();
            let drawn = inner.screen.is_some() && !only_layers && !reduced_motion();
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
        {
            let mut inner = self.0.borrow_mut();
            inner.map_canvas = canvas;
            inner.map_frame = None;
        }
        self.request_frame();
    }

    /// Pins a level of detail.
    pub fn pin(&self, level: Option<Level>) {
        self.0.borrow_mut().pinned = level;
        self.request_frame();
    }

    /// Paints in another theme.
    pub fn set_theme(&self, theme: Theme) {
        {
            let mut inner = self.0.borrow_mut();
            inner.brushes = Brushes::of(theme);
            inner.map_frame = None;
        }
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
        let (scene, screen) = inner.scene.as_ref().zip(inner.screen.as_ref())?;
        // What is seen may be on its way to where the camera has it.
        let (camera, at) = screen.in_picture(inner.camera, at);
        scene.hit(&View { camera, ..inner.view() }, screen.list(), at)
    }

    /// The picture as a standalone SVG: what the canvas shows, with the headline.
    pub fn svg(&self) -> Option<String> {
        let inner = self.0.borrow();
        let scene = inner.scene.as_ref()?;
        let view = View { hover: None, focus: None, headline: true, ..inner.view() };
        let list = scene.display(&view);
        Some(underlay_scene::svg::document(&list, inner.viewport, inner.brushes.palette()))
    }
}

impl Inner {
    fn view(&self) -> View {
        View {
            camera: self.camera,
            viewport: self.viewport,
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
