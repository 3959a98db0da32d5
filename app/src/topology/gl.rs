//! The mass of cells on the GPU: every shape of a field is one instance of a square, and the shader says which of its pixels belong to
//! the shape. It takes over where a real GPU is found; nothing depends on it, and a context that is lost leaves the work to the
//! reference painter until it comes back.

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::Object;
use std::cell::Cell;
use std::rc::Rc;
use underlay_scene::Palette;
use underlay_scene::paint::instances;
use underlay_scene::primitive::CellField;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, WebGl2RenderingContext as Gl, WebGlProgram, WebGlUniformLocation};

const VERTEX: &str = "#version 300 es
in vec4 box; in vec4 colour; in float form; uniform vec2 size;
out vec2 at; flat out vec2 room; flat out vec4 ink; flat out float shape;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * (box.zw + 2.0) - 1.0;
  at = corner; room = box.zw; ink = colour; shape = form;
  gl_Position = vec4(((box.xy + corner) / size * 2.0 - 1.0) * vec2(1, -1), 0, 1);
}";

/// Coverage of a pixel: of a box exactly, of a slanted side by the distance to it.
const FRAGMENT: &str = "#version 300 es
precision highp float;
in vec2 at; flat in vec2 room; flat in vec4 ink; flat in float shape; out vec4 colour;
float side(vec2 p, vec2 a, vec2 b) { vec2 d = normalize(b - a); return clamp(d.x * (p.y - a.y) - d.y * (p.x - a.x) + .5, 0., 1.); }
float bar(vec2 p, float w) { return clamp(.5 + w - abs(p.x - p.y) * .7071, 0., 1.); }
void main() {
  vec2 part = clamp(at + .5, 0., 1.) - clamp(at + .5 - room, 0., 1.);
  float cover = part.x * part.y;
  vec2 m = room * .5;
  if (shape > 2.5) cover *= max(bar(at, room.x * .1), bar(vec2(room.x - at.x, at.y), room.x * .1));
  else if (shape > 1.5) { vec2 q = abs(at - m); cover = side(q, vec2(m.x, 0), vec2(0, m.y)); }
  else if (shape > .5) {
    float t = room.y * .08; vec2 a = vec2(m.x, t), b = vec2(room.x, room.y - t), c = vec2(0, room.y - t);
    cover = side(at, a, b) * side(at, b, c) * side(at, c, a);
  }
  colour = vec4(ink.rgb, 1) * ink.a * cover;
}";

/// A context that paints fields of cells.
pub struct GlCells {
    canvas: HtmlCanvasElement,
    gl: Gl,
    /// What was made in the context; made anew when it comes back.
    made: Option<(WebGlProgram, Option<WebGlUniformLocation>)>,
    bytes: Vec<u8>,
    restored: Rc<Cell<bool>>,
    /// Slow frames, and all, among the first.
    slow: (u32, u32),
    _listeners: [EventListener; 2],
}

/// What the address says of the painter: `?painter=webgl2` takes a software context too, `?painter=cpu` none.
fn wanted() -> Option<bool> {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    if search.contains("painter=webgl2") {
        return Some(true);
    }
    search.contains("painter=cpu").then_some(false)
}

impl GlCells {
    /// Where there is a real GPU, or the address asks for it. `changed` is called when the context is lost or has come back.
    pub fn new(changed: impl Fn() + Clone + 'static) -> Option<Self> {
        let forced = wanted();
        if forced == Some(false) {
            return None;
        }
        let document = web_sys::window()?.document()?;
        let canvas = document.create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
        let options = Object::new();
        // Setting a member of an object of one's own does not fail.
        let set = |name: &str, value: bool| js_sys::Reflect::set(&options, &name.into(), &value.into());
        let _ = set("failIfMajorPerformanceCaveat", forced.is_none());
        let _ = set("antialias", false);
        let _ = set("depth", false);
        let gl = canvas.get_context_with_context_options("webgl2", &options).ok().flatten()?;
        let gl = gl.dyn_into::<Gl>().ok()?;
        if forced.is_none() && is_software(&gl) {
            return None;
        }
        let restored = Rc::new(Cell::new(true));
        let listen = |name: &'static str, back: bool| {
            let (restored, changed) = (Rc::clone(&restored), changed.clone());
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&canvas, name, options, move |event| {
                // Only a loss that is acknowledged is made good.
                event.prevent_default();
                restored.set(back);
                changed();
            })
        };
        let listeners = [listen("webglcontextlost", false), listen("webglcontextrestored", true)];
        Some(Self {
            canvas: canvas.clone(),
            gl,
            made: None,
            bytes: Vec::new(),
            restored: Rc::clone(&restored),
            slow: (0, 0),
            _listeners: listeners,
        })
    }

    /// The canvas with the field on it; nothing when the context is lost or turned out to be slow.
    pub fn paint(
        &mut self,
        field: &CellField,
        palette: &Palette,
        ratio: f32,
        (width, height): (u32, u32),
    ) -> Option<HtmlCanvasElement> {
        /// Of so many first frames most must be faster than this, in milliseconds.
        const TRIED: (u32, f64) = (30, 12.0);
        if self.gl.is_context_lost() || !self.restored.get() {
            self.made = None;
            return None;
        }
        if self.slow.0 > TRIED.0 / 2 {
            return None;
        }
        let began = super::screen::now();
        if self.made.is_none() {
            self.made = Some(make(&self.gl)?);
        }
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        let (gl, (_, size)) = (&self.gl, self.made.as_ref()?);
        instances::write(field, palette, ratio, &mut self.bytes);
        gl.buffer_data_with_u8_array(Gl::ARRAY_BUFFER, &self.bytes, Gl::STREAM_DRAW);
        gl.viewport(0, 0, width as i32, height as i32);
        gl.clear(Gl::COLOR_BUFFER_BIT);
        gl.uniform2f(size.as_ref(), width as f32, height as f32);
        let count = (self.bytes.len() / instances::BYTES) as i32;
        gl.draw_arrays_instanced(Gl::TRIANGLE_STRIP, 0, 4, count);
        if self.slow.1 < TRIED.0 && wanted().is_none() {
            self.slow.1 += 1;
            self.slow.0 += u32::from(super::screen::now() - began > TRIED.1);
        }
        Some(self.canvas.clone())
    }
}

/// Whether a context is drawn by the processor: then the reference painter is faster.
fn is_software(gl: &Gl) -> bool {
    /// `UNMASKED_RENDERER_WEBGL` of the extension `WEBGL_debug_renderer_info`.
    const RENDERER: u32 = 0x9246;
    // Where the extension is missing the parameter is unknown, and nothing is.
    let _ = gl.get_extension("WEBGL_debug_renderer_info");
    let name = gl.get_parameter(RENDERER).ok().and_then(|name| name.as_string()).unwrap_or_default();
    ["SwiftShader", "llvmpipe", "Basic Render", "Software"].iter().any(|software| name.contains(software))
}

/// Compiles the shaders and says where in the buffer an instance has what.
fn make(gl: &Gl) -> Option<(WebGlProgram, Option<WebGlUniformLocation>)> {
    let program = gl.create_program()?;
    for (kind, text) in [(Gl::VERTEX_SHADER, VERTEX), (Gl::FRAGMENT_SHADER, FRAGMENT)] {
        let shader = gl.create_shader(kind)?;
        gl.shader_source(&shader, text);
        gl.compile_shader(&shader);
        gl.attach_shader(&program, &shader);
    }
    gl.link_program(&program);
    if !gl.get_program_parameter(&program, Gl::LINK_STATUS).is_truthy() {
        return None;
    }
    gl.use_program(Some(&program));
    gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&gl.create_buffer()?));
    // As `instances::write` lays them down.
    for (name, count, kind, at) in
        [("box", 4, Gl::FLOAT, 0), ("colour", 4, Gl::UNSIGNED_BYTE, 16), ("form", 1, Gl::FLOAT, 20)]
    {
        let place = u32::try_from(gl.get_attrib_location(&program, name)).ok()?;
        gl.enable_vertex_attrib_array(place);
        gl.vertex_attrib_pointer_with_i32(place, count, kind, kind != Gl::FLOAT, instances::BYTES as i32, at);
        gl.vertex_attrib_divisor(place, 1);
    }
    gl.enable(Gl::BLEND);
    gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
    let size = gl.get_uniform_location(&program, "size");
    Some((program, size))
}
