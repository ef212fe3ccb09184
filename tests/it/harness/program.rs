//! The real program as a process of its own, on the bench's database.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::Bench;

/// A process that is killed when dropped.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL: nothing of it gets to say goodbye.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Bench {
    /// `yanzhen ARGS` with the bench's settings and these of its own (`("mail.port", "25")`).
    pub fn program(&self, args: &[&str], set: &[(&str, &str)]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_yanzhen"));
        let dir = self.dir.path().display().to_string();
        let key = format!("{dir}/yanzhen.key");
        let url = self.cx.settings.database.url.clone();
        let own =
            [("database.url", url.as_str()), ("data.dir", &dir), ("secrets.key_file", &key), ("server.port", "0")];
        for (name, value) in own.iter().chain(set) {
            c.env(format!("YANZHEN__{}", name.replace('.', "__").to_uppercase()), value);
        }
        c.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        c
    }

    /// Starts `yanzhen serve` and waits until it listens.
    pub async fn serve(&self, args: &[&str], set: &[(&str, &str)]) -> Program {
        let args = [args, &["serve"]].concat();
        let mut program = Program(self.program(&args, set).spawn().unwrap());
        let out = program.0.stdout.take().unwrap();
        let first = tokio::task::spawn_blocking(move || {
            let mut lines = BufReader::new(out).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            // Read on, or the program would stop at a full pipe.
            std::thread::spawn(move || lines.for_each(drop));
            first
        });
        let first = first.await.unwrap();
        assert!(first.contains("http://"), "{first}");
        program
    }
}
