//! The `scalp-studio` program: hands the command line to the library.

fn main() -> std::process::ExitCode {
    scalp_studio::cli::run()
}
