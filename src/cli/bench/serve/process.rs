//! A server of its own, started for the bench.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A server that ends with this.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    /// How long it took until it listened: loading and indexing.
    pub start: Duration,
}

impl Process {
    /// Starts this very command as a server of `arguments`.
    pub fn start(arguments: &[OsString]) -> Result<Self> {
        let command = std::env::current_exe().context("cannot find this command")?;
        let begun = Instant::now();
        let mut child = Command::new(command)
            .arg("serve")
            .args(["--port", "0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        BufReader::new(stdout).read_line(&mut line).context("the server says nothing")?;
        let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok());
        let start = begun.elapsed();
        match address {
            Some(address) => Ok(Self { child, address, start }),
            None => {
                let _ = child.wait();
                anyhow::bail!("the server did not start")
            }
        }
    }

    /// The most memory it has had, in bytes, and of that what is of its own, not of files that are mapped;
    /// where the system tells.
    pub fn memory(&self) -> Option<[u64; 2]> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib << 10)
        };
        Some([field("VmHWM:")?, field("RssAnon:")?])
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
