//! The page for the client in a real browser without a head, at the size of a phone and of a desk: its slider is
//! dragged and moved by keys, steps and photos are chosen, nothing is asked of a network, and the browser has nothing
//! to complain of.
//!
//! Needs Chromium and its driver (`chromium`, `chromedriver`).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use scalp_studio::case::sample::Client;
use scalp_studio::case::{Case, Start};
use scalp_studio::export::handover::Asked;
use scalp_studio::export::page::page;
use scalp_studio::export::pictures::unwatched;
use scalp_studio::export::practice::Practice;
use scalp_studio::export::subject::Subject;
use scalp_studio::ground::files::Existing;
use scalp_studio::photo::Limits;
use serde_json::{Value as Json, json};

use crate::needing;

pub fn tests() -> Vec<Trial> {
    needing![Browser::new; the_page_works_by_finger_mouse_and_keys_on_phone_and_desk]
}

/// A browser behind its driver, gone when dropped.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    fn new() -> Result<Self, String> {
        // A port that is free now.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| "there is no chromedriver: install chromium and chromium-driver".to_owned())?;
        let mut browser = Self { driver, port, session: String::new() };
        let hangs = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < hangs, "the driver does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            // Whatever is asked of a network would fail, and be logged.
            "--proxy-server=127.0.0.1:9", "--force-device-scale-factor=1",
        ]});
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        }}});
        let begun = browser.call("POST", "/session", &wanted);
        match begun["value"]["sessionId"].as_str() {
            Some(session) => browser.session = session.to_owned(),
            None => return Err(format!("Chromium does not start: {}", begun["value"]["message"])),
        }
        Ok(browser)
    }

    /// Asks the driver (WebDriver, HTTP/1.1); gives its answer.
    fn call(&self, method: &str, path: &str, body: &Json) -> Json {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The driver keeps the connection open, so its answer ends where its length says.
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).unwrap();
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap()
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut content = vec![0; length];
        answer.read_exact(&mut content).unwrap();
        serde_json::from_slice(&content).unwrap()
    }

    fn of_session(&self, method: &str, what: &str, body: &Json) -> Json {
        let answer = self.call(method, &format!("/session/{}/{what}", self.session), body);
        assert!(answer["value"]["error"].is_null(), "{what}: {}", answer["value"]);
        answer["value"].clone()
    }

    fn script(&self, script: &str) -> Json {
        self.of_session("POST", "execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn act(&self, actions: &Json) {
        self.of_session("POST", "actions", &json!({ "actions": actions }));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            self.call("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn the_page_works_by_finger_mouse_and_keys_on_phone_and_desk(browser: Browser) {
    let folder = tempfile::tempdir().unwrap();
    let views = Client::Light.views().unwrap();
    let path = folder.path().join("sample.scalp");
    let case = Case::create(&path, views, &Start::default(), Existing::Refuse, &Limits::default()).unwrap();
    let bytes = |view| case.photo_bytes(view);
    let mut subject = Subject::new(case.document(), "sample", 0, Limits::default(), bytes).unwrap();
    let html = page(&mut subject, Practice::usual(), &Asked::default(), &unwatched).unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, html).unwrap();
    for (width, height, pointer) in [(390, 844, "touch"), (1366, 900, "mouse")] {
        browser.of_session("POST", "window/rect", &json!({ "width": width, "height": height }));
        let device = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": pointer == "touch" });
        browser.of_session(
            "POST",
            "goog/cdp/execute",
            &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": device }),
        );
        browser.of_session("POST", "url", &json!({ "url": format!("file://{}", file.display()) }));
        // Nothing is wider than the screen.
        let over = browser.script("return document.documentElement.scrollWidth - innerWidth");
        assert!(over.as_i64().unwrap() <= 0, "{width} px: {over} px too wide");
        let wipe = || browser.script("return +document.querySelector('#wipe').value").as_f64().unwrap();
        assert_eq!(wipe(), 50.0);
        browser.script("document.querySelector('.stages').scrollIntoView({ block: 'center' })");
        let stage = browser.script(
            "const r = document.querySelector('#wipe').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]",
        );
        let picture = browser.script(
            "const r = document.querySelector('.stage:not([hidden])').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]",
        );
        assert_eq!(stage, picture, "{width} px: the slider lies on the picture, and nowhere else");
        let at = |x: f64, y: f64| {
            let side = |k: usize| stage[k].as_f64().unwrap();
            ((side(0) + x * side(2)).round() as i64, (side(1) + y * side(3)).round() as i64)
        };
        // Dragged to a quarter, by finger or mouse.
        let [from, to] = [at(0.5, 0.5), at(0.25, 0.5)];
        let touch = |(x, y): (i64, i64), ms: u32| json!({ "type": "pointerMove", "duration": ms, "x": x, "y": y, "origin": "viewport" });
        browser.act(&json!([{
            "type": "pointer", "id": pointer, "parameters": { "pointerType": pointer },
            "actions": [touch(from, 0), { "type": "pointerDown", "button": 0 }, touch(to, 120), { "type": "pointerUp", "button": 0 }],
        }]));
        let dragged = wipe();
        assert!((dragged - 25.0).abs() < 6.0, "{pointer}: {dragged}");
        let shown =
            browser.script("return document.querySelector('.stage:not([hidden])').style.getPropertyValue('--wipe')");
        assert_eq!(shown, json!(format!("{dragged}%")), "the picture follows");
        // By keys.
        browser.script("document.querySelector('#wipe').focus()");
        let key = |code: &str| {
            browser.act(&json!([{
                "type": "key", "id": "keys",
                "actions": [{ "type": "keyDown", "value": code }, { "type": "keyUp", "value": code }],
            }]));
        };
        key("\u{e014}");
        assert_eq!(wipe(), dragged + 1.0, "the arrow to the right");
        key("\u{e010}");
        assert_eq!(wipe(), 100.0, "End");
        // Every step and every photo shows a picture, each its own.
        let pictures = browser.script(
            "const shown = [];
             for (const view of document.querySelectorAll('input[name=view]')) {
               view.click();
               for (const step of document.querySelectorAll('input[name=step]')) {
                 step.click();
                 const img = document.querySelector('.stage:not([hidden]) img.after:not([hidden])');
                 if (!img || !img.naturalWidth) return 'none at ' + view.value + ' ' + step.dataset.label;
                 if (document.querySelector('.tag.right').textContent !== step.dataset.label) return 'wrong word';
                 shown.push(img.src);
               }
             }
             return [shown.length, new Set(shown).size]",
        );
        let [count, different] = [0, 1].map(|k| pictures[k].as_u64().unwrap_or_default());
        assert!(count >= 5 * 6 && different == count, "{pictures}");
        // Further down nothing is broken either.
        let broken = browser.script("return [...document.images].filter(i => i.complete && !i.naturalWidth).length");
        assert_eq!(broken, json!(0));
        browser.script("document.querySelector('#theme').click()");
        let log = browser.of_session("POST", "se/log", &json!({ "type": "browser" }));
        assert_eq!(log, json!([]), "{width} px: the browser complains");
    }
}
