//! Where the eye is and how it gets elsewhere: by the pointer and keys at once, to a thing or to everything in a short movement.
//! The camera lives here; the rest of the page gets a settled copy.

use super::{Inner, Stage, reduced_motion};
use crate::state::SettledCamera;
use crate::topology::screen::now;
use underlay_model::view::EntityKey;
use underlay_scene::geometry::{Camera, Insets, Point, Rect};
use underlay_scene::{Scene, Target};

/// How long a movement to a place takes, in milliseconds (design, section 7).
const MOVE_MS: f64 = 180.0;

/// A camera on its way.
pub(super) struct Movement {
    pub from: Camera,
    pub to: Camera,
    pub began: f64,
}

impl Stage {
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
            let to = inner.bound_for().zoomed(factor, about.unwrap_or(middle));
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

    pub(super) fn moved(&self) {
        self.request_frame();
        let stage = self.clone();
        let settle = gloo::timers::callback::Timeout::new(350, move || {
            let inner = stage.0.borrow();
            let camera = inner.bound_for();
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
}

impl Inner {
    /// The insets within which a thing counts as seen.
    fn clear_insets(&self) -> Insets {
        let insets = Insets::default();
        Insets { right: insets.right + self.covered, ..insets }
    }

    /// The camera that shows everything, clear of the words above it.
    fn fitting(&self, scene: &Scene) -> Camera {
        let words = Rect::new(0.0, 0.0, self.headline.width, self.headline.height);
        let camera = scene.fit(self.viewport, self.clear());
        if !scene.lies_under(&camera, &words) {
            return camera;
        }
        let top = self.headline.height.max(self.clear().top);
        scene.fit(self.viewport, Insets { top, ..self.clear() })
    }

    /// The edges that the row of controls floats over, where the window is wide enough for it to float, and a little air below.
    fn clear(&self) -> Insets {
        let top = if self.viewport.width < 640.0 { 0.0 } else { 34.0 };
        Insets { top, bottom: 8.0, ..Insets::default() }
    }

    pub(super) fn refit(&mut self) {
        // The words of four lines below the controls.
        const HEADLINE_HEIGHT: f32 = 132.0;
        if self.fitted
            && let Some(scene) = &self.scene
        {
            self.camera = self.fitting(scene);
            self.headline_room = scene.free_at_left(&scene.fit(self.viewport, self.clear()), HEADLINE_HEIGHT);
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

    /// Where the camera is, or is on its way to.
    fn bound_for(&self) -> Camera {
        self.movement.as_ref().map_or(self.camera, |movement| movement.to)
    }

    /// How far the camera has to go for a thing to be in view; no way when it is, and for what is larger than the window.
    pub(super) fn out_of_view(&self, entity: u32) -> Option<(f32, f32)> {
        let place = self.scene.as_ref()?.place(entity)?;
        let seen = self.bound_for().rect(&place);
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
        (!inside && !large).then_some((dx, dy))
    }

    /// Whether the camera had to move.
    pub(super) fn bring_into_view(&mut self, entity: u32) -> bool {
        let Some((dx, dy)) = self.out_of_view(entity) else { return false };
        let to = self.bound_for().panned(dx, dy);
        self.go(to, true);
        self.fitted = false;
        true
    }

    /// Moves the camera along; true while it is under way.
    pub(super) fn advance(&mut self) -> bool {
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
}
