//! `diff`: how far two pictures are apart.

use super::Failure;
use super::args::Diff;
use super::output::Console;

pub(super) fn run(_args: &Diff, _console: &mut Console) -> Result<(), Failure> {
    Err(Failure::input("not yet"))
}
