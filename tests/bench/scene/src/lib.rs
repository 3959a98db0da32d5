//! The scene of 5,000 nodes, 200,000 pods and 100,000 pairs on the page's own canvases, with the page's own painters: layout, frames
//! along a path of the camera, and hits, each as a call that a script can time.

#[path = "../../../../app/src/topology/gl.rs"]
mod gl;
#[path = "../../../../app/src/topology/paint.rs"]
mod paint;
// The bench asks for a frame whether or not a picture fades.
#[allow(dead_code)]
#[path = "../../../../app/src/topology/screen.rs"]
mod screen;

/// What the painter knows of the page.
mod state {
    #[derive(Clone, Copy)]
    #[allow(dead_code)]
    pub enum Theme {
        Dark,
        Light,
    }
}

/// No colours are forced.
mod forced {
    pub fn palette() -> Option<underlay_scene::Palette> {
        None
    }
}

use paint::Brushes;
use screen::Screen;
use underlay_model::view::Topology;
use underlay_scene::geometry::{Camera, Insets, Point, Size};
use underlay_scene::{Arrangement, Grouping, Level, Scene, View, fixture};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

/// A topology, and the scene made of it.
#[wasm_bindgen]
pub struct Bench {
    topology: Option<Topology>,
    scene: Scene,
    screen: Screen,
    brushes: Brushes,
    viewport: Size,
    level: Option<Level>,
    camera: Camera,
}

#[wasm_bindgen]
impl Bench {
    /// A cluster of so many nodes with 40 pods each, as the worker would answer it.
    #[wasm_bindgen(constructor)]
    pub fn new(nodes: u32, first: HtmlCanvasElement, second: HtmlCanvasElement) -> Self {
        let pools = [("system", nodes / 100, 43), ("apps", nodes * 84 / 100, 43), ("batch", nodes * 15 / 100, 43)];
        Self {
            topology: Some(fixture::cluster(&pools, 12)),
            scene: Scene::new(Topology::default(), Default::default()),
            screen: Screen::new(first, second, || {}),
            brushes: Brushes::of(state::Theme::Dark),
            viewport: Size::new(1440.0, 900.0),
            level: None,
            camera: Camera::default(),
        }
    }

    /// Number of things and of edges.
    pub fn size(&self) -> Vec<u32> {
        let topology = self.topology.as_ref().unwrap_or_else(|| self.scene.topology());
        vec![topology.entities.len() as u32, topology.edges.len() as u32]
    }

    /// From the answer to a laid-out scene and what is shown of it; the answer is taken.
    pub fn lay_out(&mut self) -> usize {
        if let Some(topology) = self.topology.take() {
            self.scene = Scene::new(topology, Default::default());
            self.camera = self.scene.fit(self.viewport, Insets::default());
        }
        self.scene.display(&self.view()).under.len()
    }

    /// Another grouping, by its label.
    pub fn group(&mut self, label: &str) {
        let grouping = Grouping::of(label).unwrap_or_default();
        self.scene.arrange(Arrangement { grouping, ..Arrangement::default() });
        self.camera = self.scene.fit(self.viewport, Insets::default());
    }

    /// Paints a frame of the camera path: `part` from 0 to 1 goes in on a node, along, and out again.
    pub fn frame(&mut self, part: f32) {
        let fit = self.scene.fit(self.viewport, Insets::default());
        let depth = 1.0 - (part * 2.0 - 1.0).abs();
        let camera = fit.zoomed(2.0_f32.powf(depth * 7.0), Point::new(900.0, 420.0));
        self.camera = camera.panned(-300.0 * part, 120.0 * part);
        self.draw();
    }

    fn view(&self) -> View {
        View { camera: self.camera, viewport: self.viewport, previous: self.level, ..View::default() }
    }

    /// As the page's stage does it: a picture is begun when none is under way.
    fn draw(&mut self) {
        if !self.screen.is_painting(self.viewport) {
            let list = self.scene.display(&self.view());
            self.level = Some(list.level);
            self.screen.begin(list, self.camera);
        }
        self.screen.frame(self.camera, self.viewport, &self.brushes, true);
    }

    /// Whether the last frame showed the picture of its own camera, not the one before moved to its place.
    pub fn is_sharp(&self) -> bool {
        self.screen.in_picture(self.camera, Point::default()).0 == self.camera
    }

    /// How many of so many places of the screen hit something.
    pub fn hits(&self, count: u32) -> u32 {
        let view = self.view();
        let at = |i: u32| Point::new((i * 7919 % 1440) as f32, (i * 104_729 % 900) as f32);
        (0..count).filter(|&i| self.scene.hit(&view, self.screen.list(), at(i)).is_some()).count() as u32
    }
}
