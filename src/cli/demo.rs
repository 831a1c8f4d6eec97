//! `demo`: before and after pictures of the built-in sample client.

use super::Failure;
use super::args::Demo;
use super::output::Console;

pub(super) fn run(_args: &Demo, _console: &mut Console) -> Result<(), Failure> {
    Err(Failure::input("not yet"))
}
