//! Reads the output of an example, writes what is the same in every run.

use std::{io, process::ExitCode};

fn main() -> ExitCode {
    match io::read_to_string(io::stdin()) {
        Ok(output) => {
            print!("{}", emissions_examples::normalise(&output));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
