//! Every key of the page in one table: the help shows it, and the list of commands (Ctrl K) offers what a key press does. A command
//! is run by sending the page the press, so that there is one way to do each thing.

use leptos::prelude::*;
use std::sync::atomic::{AtomicU8, Ordering};
use web_sys::{KeyboardEvent, KeyboardEventInit};

/// A key and what it does.
pub struct Command {
    /// As shown, keys parted by spaces.
    pub keys: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// The key that is pressed when the command is chosen; empty for keys that only mean something where they are pressed.
    pub press: &'static str,
}

const fn command(keys: &'static str, what: &'static str, press: &'static str) -> Command {
    Command { keys, what, press }
}

/// All keys, in the order of the help.
pub const COMMANDS: [Command; 35] = [
    command("/", "find a pod, address or node", "/"),
    command("Ctrl K", "commands", ""),
    command("1", "topology", "1"),
    command("2", "table", "2"),
    command("3", "charts", "3"),
    command("4", "findings and pods", "4"),
    command("0", "fit the picture", "0"),
    command("+", "zoom in", "+"),
    command("-", "zoom out", "-"),
    command("W A S D", "pan", ""),
    command("← →", "walk out and upstream, in and downstream", ""),
    command("↑ ↓", "the item before, after", ""),
    command("Home End", "first and last item of a level", ""),
    command("Enter", "open, then zoom in", ""),
    command("Shift Enter", "select one more; so does Shift click", ""),
    command("Esc", "one level up, close", "Escape"),
    command("Space", "play, pause", " "),
    command(", .", "a minute back, on", ""),
    command("Shift ← →", "end the time range a minute earlier, later", ""),
    command("Shift ↑ ↓", "begin the time range a minute earlier, later", ""),
    command("[", "finding before", "["),
    command("]", "next finding", "]"),
    command("G", "next grouping", "g"),
    command("C", "collapse or expand the selection", "c"),
    command("H", "hide the selection", "h"),
    command("O", "only the selection and what it talks to", "o"),
    command("L", "only the path to the selection", "l"),
    command("U", "show all again", "u"),
    command("R", "routes and services", "r"),
    command("P", "probes", "p"),
    command("E", "encryption of edges", "e"),
    command("T", "the same selection in the table", "t"),
    command("Ctrl Z", "undo, as the browser's Back", ""),
    command("Tab", "next area", ""),
    command("?", "this help", "?"),
];

/// Whether letters, digits and signs act: 0 not yet asked, 1 yes, 2 no.
static LETTERS: AtomicU8 = AtomicU8::new(0);
const STORAGE_KEY: &str = "underlay.letters";

/// Whether letters, digits and signs act by themselves; somebody who speaks to the computer turns that off.
pub fn letters_act() -> bool {
    if LETTERS.load(Ordering::Relaxed) == 0 {
        let stored = window().local_storage().ok().flatten().and_then(|s| s.get_item(STORAGE_KEY).ok().flatten());
        LETTERS.store(if stored.as_deref() == Some("off") { 2 } else { 1 }, Ordering::Relaxed);
    }
    LETTERS.load(Ordering::Relaxed) == 1
}

/// Turns them on or off, for this browser.
pub fn let_letters_act(act: bool) {
    LETTERS.store(if act { 1 } else { 2 }, Ordering::Relaxed);
    if let Ok(Some(storage)) = window().local_storage() {
        // Storage may be forbidden; then the choice lasts as long as the page.
        let _ = storage.set_item(STORAGE_KEY, if act { "on" } else { "off" });
    }
}

/// Whether this press is one of those that can be turned off. A command that was chosen always acts.
pub fn is_off(event: &KeyboardEvent) -> bool {
    let sign = event.key().chars().count() == 1 && event.key() != " ";
    sign && event.is_trusted() && !letters_act()
}

/// Does what a key press does.
pub fn run(press: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(press);
    init.set_bubbles(true);
    init.set_cancelable(true);
    if let (Some(body), Ok(event)) =
        (document().body(), KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init))
    {
        // Nobody throws while listening.
        let _ = body.dispatch_event(&event);
    }
}
