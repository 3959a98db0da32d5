//! The picture on its canvases. A picture is painted into the canvas that is not seen, in slices that leave the page's thread free,
//! and shown when it is whole; until then the last one is moved and scaled to where the camera has it. So a frame costs about the
//! same whatever there is to paint, and what can be painted within one frame is always sharp.

use super::gl::GlCells;
use super::paint::{Brushes, fit_canvas, paint_primitives, pixel_ratio};
use js_sys::Uint8ClampedArray;
use underlay_scene::DisplayList;
use underlay_scene::geometry::{Camera, Point, Size};
use underlay_scene::paint::SoftPainter;
use underlay_scene::primitive::CellField;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d as Context, HtmlCanvasElement, ImageData};

/// Milliseconds of a frame that painting may take: half of one sixtieth of a second, the other half is the browser's.
const BUDGET_MS: f64 = 8.0;
/// Primitives painted between two looks at the clock.
const SLICE: usize = 48;
/// A change of level is a cross-fade of so many milliseconds (design, section 5; `topology.css`).
const FADE_MS: f64 = 120.0;

/// Milliseconds since the page began.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// A canvas, and the camera of the picture on it.
struct Sheet {
    canvas: HtmlCanvasElement,
    camera: Camera,
    /// What its style says of its place.
    moved: Option<(f32, f32, f32)>,
}

impl Sheet {
    fn new(canvas: HtmlCanvasElement) -> Self {
        Self { canvas, camera: Camera::default(), moved: None }
    }

    fn set_class(&self, class: &str) {
        self.canvas.set_class_name(class);
    }

    /// Moves and scales the picture to where a camera has it.
    fn follow(&mut self, camera: Camera) {
        let scale = camera.scale / self.camera.scale;
        let way = (camera.x - self.camera.x * scale, camera.y - self.camera.y * scale, scale);
        if self.moved.replace(way) == Some(way) {
            return;
        }
        let text = if way == (0.0, 0.0, 1.0) {
            String::new()
        } else {
            format!("matrix({scale},0,0,{scale},{},{})", way.0, way.1)
        };
        // A transform of finite numbers is accepted.
        let _ = self.canvas.style().set_property("transform", &text);
    }
}

/// A picture under way.
struct Work {
    list: DisplayList,
    camera: Camera,
    context: Context,
    /// Primitives painted, of `under` and then of `over`.
    painted: usize,
    cells_painted: bool,
}

/// See the module.
pub struct Screen {
    shown: Sheet,
    hidden: Sheet,
    cells: Cells,
    work: Option<Work>,
    /// What is shown, for hit testing.
    list: DisplayList,
    size: Size,
    /// Until then the picture before is still seen.
    fading: f64,
}

impl Screen {
    /// On two canvases that lie on one another. `lost` is called when another painter must take over.
    pub fn new(first: HtmlCanvasElement, second: HtmlCanvasElement, lost: impl Fn() + Clone + 'static) -> Self {
        let (shown, hidden) = (Sheet::new(first), Sheet::new(second));
        shown.set_class("");
        hidden.set_class("away");
        let gpu = GlCells::new(lost);
        if gpu.is_none() {
            // Who asks for a context first says how it is kept.
            on_processor(&shown.canvas);
            on_processor(&hidden.canvas);
        }
        Self {
            shown,
            hidden,
            cells: Cells::new(gpu),
            work: None,
            list: DisplayList::default(),
            size: Size::new(0.0, 0.0),
            fading: 0.0,
        }
    }

    /// What is shown.
    pub fn list(&self) -> &DisplayList {
        &self.list
    }

    /// The camera of the shown picture, and where in it a place of the canvas is.
    pub fn in_picture(&self, camera: Camera, at: Point) -> (Camera, Point) {
        (self.shown.camera, self.shown.camera.to_screen(camera.to_world(at)))
    }

    /// Whether a picture for a canvas of this size is under way.
    pub fn is_painting(&self, size: Size) -> bool {
        self.work.is_some() && self.size == size
    }

    /// Begins a picture. One that is under way is given up.
    pub fn begin(&mut self, list: DisplayList, camera: Camera) {
        if let Some(context) = context_of(&self.hidden.canvas) {
            self.work = Some(Work { list, camera, context, painted: 0, cells_painted: false });
        }
    }

    /// Paints what there is to paint and puts the shown picture where the camera has it. A canvas of another size is painted at once.
    pub fn frame(&mut self, camera: Camera, size: Size, brushes: &Brushes, fades: bool) {
        let began = now();
        let resized = self.size != size;
        if began >= self.fading || resized {
            let budget = if resized { f64::INFINITY } else { BUDGET_MS };
            if self.paint(began + budget, size, brushes) {
                self.show(fades && !resized);
                if resized {
                    self.size = size;
                    fit_canvas(&self.hidden.canvas, size);
                }
            }
        }
        self.shown.follow(camera);
        if began < self.fading {
            self.hidden.follow(camera);
        }
    }

    /// Paints on until a time; whether the picture is whole.
    fn paint(&mut self, until: f64, size: Size, brushes: &Brushes) -> bool {
        let Some(work) = &mut self.work else { return false };
        if work.painted == 0 && !work.cells_painted {
            fit_canvas(&self.hidden.canvas, size);
        }
        let under = work.list.under.len();
        loop {
            let (part, from) = if work.painted < under { (&work.list.under, 0) } else { (&work.list.over, under) };
            if work.painted == under && !work.cells_painted {
                work.cells_painted = true;
                self.cells.paint(&work.context, &work.list.cells, brushes, &self.hidden.canvas);
            } else {
                let slice = part.get(work.painted - from..).unwrap_or_default();
                let slice = slice.get(..SLICE).unwrap_or(slice);
                if slice.is_empty() {
                    return true;
                }
                paint_primitives(&work.context, slice, brushes);
                work.painted += slice.len();
            }
            let whole = work.cells_painted && work.painted >= under + work.list.over.len();
            if whole || now() >= until {
                return whole;
            }
        }
    }

    /// Shows the picture that is whole.
    fn show(&mut self, fades: bool) {
        let Some(work) = self.work.take() else { return };
        let fades = fades && work.list.level != self.list.level && !self.list.under.is_empty();
        self.fading = if fades { now() + FADE_MS } else { 0.0 };
        self.list = work.list;
        self.hidden.camera = work.camera;
        self.hidden.moved = None;
        std::mem::swap(&mut self.shown, &mut self.hidden);
        self.shown.set_class(if fades { "fades" } else { "" });
        self.hidden.set_class(if fades { "fades away" } else { "away" });
    }

    /// Whether a cross-fade is under way.
    pub fn is_fading(&self) -> bool {
        now() < self.fading
    }
}

/// Without a GPU a canvas is best kept where it is painted: the browser would copy it to a GPU that it only imitates.
fn on_processor(canvas: &HtmlCanvasElement) -> Option<Context> {
    let options = js_sys::Object::new();
    // Setting a member of an object of one's own does not fail.
    let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into());
    canvas.get_context_with_context_options("2d", &options).ok().flatten()?.dyn_into().ok()
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<Context> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// A canvas for a raster, and the memory of the browser that it is put from, used again for every picture.
struct Raster {
    canvas: HtmlCanvasElement,
    context: Context,
    image: ImageData,
    bytes: Uint8ClampedArray,
}

impl Raster {
    fn new((width, height): (u32, u32)) -> Option<Self> {
        let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let canvas = canvas.dyn_into::<HtmlCanvasElement>().ok()?;
        canvas.set_width(width);
        canvas.set_height(height);
        let context = on_processor(&canvas)?;
        let image = ImageData::new_with_sw(width, height).ok()?;
        let bytes = js_sys::Reflect::get(&image, &"data".into()).ok()?.dyn_into().ok()?;
        Some(Self { canvas, context, image, bytes })
    }
}

/// The painters of the mass of cells: one on the GPU, where there is a real one, and the reference painter.
struct Cells {
    painter: SoftPainter,
    /// Holds the raster while it is drawn on the picture.
    raster: Option<Raster>,
    gpu: Option<GlCells>,
    /// Which painted last.
    last: &'static str,
}

impl Cells {
    fn new(gpu: Option<GlCells>) -> Self {
        Self { painter: SoftPainter::new(1, 1), raster: None, gpu, last: "" }
    }

    /// Paints a field over what is on a picture.
    fn paint(&mut self, picture: &Context, field: &CellField, brushes: &Brushes, on: &HtmlCanvasElement) {
        let (width, height) = (on.width(), on.height());
        if field.is_empty() || width == 0 || height == 0 {
            return;
        }
        // A ratio between 0.5 and 4.
        let ratio = pixel_ratio() as f32;
        let gpu = self.gpu.as_mut().and_then(|gpu| gpu.paint(field, brushes.palette(), ratio, (width, height)));
        let painter = if gpu.is_some() { "webgl2" } else { "cpu" };
        let Some(raster) = gpu.or_else(|| self.raster(field, brushes, ratio, (width, height))) else { return };
        // A canvas takes a plain scaling, and another canvas that is not empty.
        let _ = picture.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        let _ = picture.draw_image_with_html_canvas_element(&raster, 0.0, 0.0);
        let ratio = f64::from(ratio);
        let _ = picture.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        if self.last != painter {
            self.last = painter;
            if let Some(around) = on.parent_element() {
                // For the tests to see. Setting an attribute does not fail.
                let _ = around.set_attribute("data-painter", painter);
            }
        }
    }

    /// The field as the reference painter has it.
    fn raster(
        &mut self,
        field: &CellField,
        brushes: &Brushes,
        ratio: f32,
        (width, height): (u32, u32),
    ) -> Option<HtmlCanvasElement> {
        if self.painter.size() != (width, height) || self.raster.is_none() {
            self.painter = SoftPainter::new(width, height);
            self.raster = Raster::new((width, height));
        }
        let raster = self.raster.as_ref()?;
        self.painter.paint(field, brushes.palette(), ratio);
        if self.painter.pixels().len() != raster.bytes.length() as usize {
            return None;
        }
        raster.bytes.copy_from(self.painter.pixels());
        raster.context.put_image_data(&raster.image, 0.0, 0.0).ok()?;
        Some(raster.canvas.clone())
    }
}
