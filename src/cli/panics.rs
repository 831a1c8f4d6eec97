//! Turns an internal error into one line and its own exit code, instead of a panic message.
//!
//! Photo decoders may panic on damaged files, which [`photo::decode`](crate::photo::decode) catches and turns into an
//! error. So the hook prints nothing; it only keeps the message in case the panic gets this far.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Mutex, PoisonError};

use super::failure::{Code, Failure};

/// The latest panic of any thread: one on another thread ends the command as well.
static LATEST: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work`; a panic in it becomes a [`Failure`]. Files are written all or nothing, so none is left half-written.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let hook_before = panic::take_hook();
    panic::set_hook(Box::new(keep));
    // After a panic, whatever `work` held is abandoned and only a message is printed.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook_before);
    done.unwrap_or_else(|_| {
        let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner).take();
        let what = latest.unwrap_or_else(|| "of unknown kind".to_owned());
        let message = format!("an internal error stopped the program; no file was left half-written: {what}");
        Err(Failure { message, code: Code::Internal })
    })
}

fn keep(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map_or_else(String::new, |l| format!(" ({}:{})", l.file(), l.line()));
    *LATEST.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{message}{place}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    // One test, since the hook belongs to the whole process.
    #[test]
    fn a_panic_becomes_a_failure_with_its_place_and_a_caught_one_is_forgotten() {
        let stopped = guarded::<()>(|| panic!("dot {} is nowhere", 7)).unwrap_err();
        assert_eq!(stopped.code, Code::Internal);
        assert!(stopped.message.contains("dot 7 is nowhere (src/cli/panics.rs:"), "{}", stopped.message);

        let elsewhere = guarded::<()>(|| {
            (0..64).into_par_iter().for_each(|i| assert!(i != 63, "on another thread"));
            Ok(())
        });
        assert!(elsewhere.unwrap_err().message.contains("on another thread"));

        let caught = guarded(|| {
            let decoder = panic::catch_unwind(|| panic!("a damaged photo"));
            Ok(decoder.is_err())
        });
        assert!(caught.unwrap());
        let plain = guarded::<()>(|| Err(Failure::input("no"))).unwrap_err();
        assert_eq!((plain.message.as_str(), plain.code), ("no", Code::Input));
    }
}
