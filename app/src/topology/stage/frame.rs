//! One frame: the camera moves on, the picture is painted as far as there is time, and the page is told.

use super::{FrameNews, Inner, MAP_SIZE, Stage, reduced_motion};
use crate::topology::paint::{fit_canvas, paint_primitives};
use crate::topology::screen::now;
use underlay_scene::{DisplayList, View};
use wasm_bindgen::prelude::*;

/// How long things take to their places in another arrangement: long enough to be followed.
const ARRANGE_MS: f64 = 420.0;

impl Stage {
    /// Something has changed: asks for one frame, however often it is called before the browser comes round.
    pub fn request_frame(&self) {
        self.0.borrow_mut().stale = true;
        self.ask_frame();
    }

    fn ask_frame(&self) {
        if std::mem::replace(&mut self.0.borrow_mut().waiting, true) {
            return;
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
            let moving = inner.advance();
            inner.draw();
            inner.stale |= moving || inner.motion.is_some();
            let under_way =
                inner.screen.as_ref().is_some_and(|screen| screen.is_painting(inner.viewport) || screen.is_fading());
            let again = under_way || (inner.stale && inner.screen.is_some());
            // Percent of a scale between 2 and 12,800.
            let zoom = (inner.camera.scale * 100.0).round() as u32;
            let drawn = inner.scene.is_some() && inner.screen.is_some();
            let map = inner.draw_map();
            let left_out = inner.screen.as_ref().map_or(0, |screen| screen.list().edges_left_out);
            // A width in pixels, below what anybody reads in a line.
            let headline_room = inner.headline_room.clamp(0.0, 10_000.0) as u32;
            (FrameNews { zoom, left_out, drawn, map, headline_room, resting: !again }, again)
        };
        (self.0.borrow().on_frame)(news);
        if again {
            self.ask_frame();
        }
    }
}

impl Inner {
    /// Paints the minimap when it has changed; whether it tells anything.
    fn draw_map(&mut self) -> bool {
        /// Pixels of the picture below which a map would cover what it is a map of.
        const LEAST_WIDTH: f32 = 560.0;
        let Some(scene) = &self.scene else { return false };
        if self.viewport.width - self.covered < LEAST_WIDTH {
            return false;
        }
        if self.map.is_none() {
            self.map_frame = None;
        }
        let map = self.map.get_or_insert_with(|| scene.minimap(MAP_SIZE));
        let view = View { camera: self.camera, viewport: self.viewport, ..View::default() };
        let (Some(frame), Some(canvas)) = (map.frame(&view), &self.map_canvas) else { return false };
        if self.map_frame.as_ref() != Some(&frame)
            && let Some(context) = fit_canvas(canvas, MAP_SIZE)
        {
            paint_primitives(&context, &map.primitives, &self.brushes);
            paint_primitives(&context, std::slice::from_ref(&frame), &self.brushes);
            self.map_frame = Some(frame);
        }
        true
    }

    /// Begins a picture when something has changed, and paints on the one that is under way.
    fn draw(&mut self) {
        if self.screen.as_ref().is_some_and(|screen| self.stale && !screen.is_painting(self.viewport)) {
            self.stale = false;
            let list = self.list();
            self.level = Some(list.level);
            if let Some(screen) = &mut self.screen {
                screen.begin(list, self.camera);
            }
        }
        if let Some(screen) = &mut self.screen {
            screen.frame(self.camera, self.viewport, &self.brushes, !reduced_motion());
        }
    }

    /// What there is to paint, with what moves to its place in another arrangement.
    fn list(&mut self) -> DisplayList {
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
        list
    }
}
