//! In a terminal: pictures are not written to it. Needs util-linux's `script`, which runs a program in a terminal.

use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use crate::client::Client;
use crate::needing;

pub fn tests() -> Vec<Trial> {
    needing![terminal; a_picture_is_nothing_for_a_terminal]
}

fn terminal() -> Result<(), String> {
    let tried = Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.map(drop).map_err(|_| "there is no `script` to make a terminal".to_owned())
}

fn a_picture_is_nothing_for_a_terminal((): ()) {
    let client = Client::planned();
    let program = env!("CARGO_BIN_EXE_scalp-studio");
    let command = format!("{program} render {} --layer before -o -", client.case().display());
    let done = Command::new("script").args(["-qec", &command, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8(done.stdout).unwrap().contains("nothing for a terminal"));
}
