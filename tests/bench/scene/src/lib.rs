//! The scene of 5,000 nodes, 200,000 pods and 100,000 pairs on the page's own canvases, with the page's own painter: layout, frames
//! along a path of the camera, and hits, each as a call that a script can time.

#[path = "../../../../app/src/topology/paint.rs"]
#[allow(dead_code)]
mod paint;

/// What the painter knows of the page.
mod state {
    #[derive(Clone, Copy)]
    #[allow(dead_code)]
    pub enum Theme {
        Dark,
        Light,
    }
}

use paint::{Brushes, fit_canvas, paint_primitives, pixel_ratio};
use underlay_model::view::Topology;
use underlay_scene::geometry::{Camera, Insets, Point, Size};
use underlay_scene::paint::SoftPainter;
use underlay_scene::{Arrangement, DisplayList, Grouping, Level, Scene, View, fixture};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, ImageData};

/// A topology, and the scene made of it.
#[wasm_bindgen]
pub struct Bench {
    topology: Option<Topology>,
    scene: Scene,
    canvases: [HtmlCanvasElement; 3],
    brushes: Brushes,
    painter: SoftPainter,
    viewport: Size,
    level: Option<Level>,
    camera: Camera,
    list: DisplayList,
}

#[wasm_bindgen]
impl Bench {
    /// A cluster of so many nodes with 40 pods each, as the worker would answer it.
    #[wasm_bindgen(constructor)]
    pub fn new(nodes: u32, under: HtmlCanvasElement, cells: HtmlCanvasElement, over: HtmlCanvasElement) -> Self {
        let topology = fixture::cluster(&[("system", nodes / 100, 43), ("apps", nodes * 84 / 100, 43), ("batch", nodes * 15 / 100, 43)], 12);
        Self {
            topology: Some(topology),
            scene: Scene::new(Topology::default(), Default::default()),
            canvases: [under, cells, over],
            brushes: Brushes::of(state::Theme::Dark),
            painter: SoftPainter::new(1, 1),
            viewport: Size::new(1440.0, 900.0),
            level: None,
            camera: Camera::default(),
            list: DisplayList::default(),
        }
    }

    /// Number of things and of edges.
    pub fn size(&self) -> Vec<u32> {
        let topology = self.topology.as_ref().unwrap_or_else(|| self.scene.topology());
        vec![topology.entities.len() as u32, topology.edges.len() as u32]
    }

    /// From the answer to a laid-out scene; the answer is taken.
    pub fn lay_out(&mut self) {
        if let Some(topology) = self.topology.take() {
            self.scene = Scene::new(topology, Default::default());
            self.camera = self.scene.fit(self.viewport, Insets::default());
        }
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

    fn draw(&mut self) {
        let list = self.scene.display(&self.view());
        self.level = Some(list.level);
        if let Some(context) = fit_canvas(&self.canvases[0], self.viewport) {
            paint_primitives(&context, &list.under, &self.brushes);
        }
        if let Some(context) = fit_canvas(&self.canvases[1], self.viewport) {
            let size = (self.canvases[1].width(), self.canvases[1].height());
            if self.painter.size() != size {
                self.painter = SoftPainter::new(size.0, size.1);
            }
            self.painter.paint(&list.cells, self.brushes.palette(), pixel_ratio() as f32);
            let pixels = wasm_bindgen::Clamped(self.painter.pixels());
            if let Ok(image) = ImageData::new_with_u8_clamped_array(pixels, size.0) {
                let _ = context.put_image_data(&image, 0.0, 0.0);
            }
        }
        if let Some(context) = fit_canvas(&self.canvases[2], self.viewport) {
            paint_primitives(&context, &list.over, &self.brushes);
        }
        self.list = list;
    }

    /// How many of so many places of the screen hit something.
    pub fn hits(&self, count: u32) -> u32 {
        let view = self.view();
        let at = |i: u32| Point::new((i * 7919 % 1440) as f32, (i * 104_729 % 900) as f32);
        (0..count).filter(|&i| self.scene.hit(&view, &self.list, at(i)).is_some()).count() as u32
    }
}
