//! Tests that need something that a machine may lack.

use libtest_mimic::{Completion, Trial};

/// A test that needs something of the machine, which `get` provides, or says why it cannot. Without it the test is
/// reported as ignored, or fails if `CI` is set.
pub fn needing<T: 'static>(name: &str, get: fn() -> Result<T, String>, test: fn(T)) -> Trial {
    Trial::ignorable_test(name, move || match get() {
        Ok(found) => {
            test(found);
            Ok(Completion::Completed)
        }
        Err(missing) if std::env::var_os("CI").is_none() => Ok(Completion::ignored_with(missing)),
        Err(missing) => Err(missing.into()),
    })
}

/// Lists such tests, each under the name of its function.
#[macro_export]
macro_rules! needing {
    ($get:expr; $($test:ident),* $(,)?) => {
        vec![$($crate::needs::needing(concat!(module_path!(), "::", stringify!($test)), $get, $test)),*]
    };
}
