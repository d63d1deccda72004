//! `mnist-tch serve`: the recogniser as a web page and an HTTP service.

use std::io::{Write, stdout};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::arguments::{misuse, whole};
use super::compute::ThreadsArgs;
use super::infer::probability;
use super::report;
use super::trained::{ReaderArgs, TrainedArgs};
use crate::device::DeviceChoice;
use crate::machine;
use crate::recognizer::Recognizer;
use crate::run::RUNS;
use crate::serve::{self, Collection, Folders, Limits, ModelCard, Service};

/// The default address.
const HOST: &str = "127.0.0.1";
const PORT: u16 = 8080;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address to listen on, with or without a port, or a port alone [default: 127.0.0.1:8080]. Other
    /// machines can connect only if it is a network address of this machine, or 0.0.0.0.
    #[arg(long, value_name = "ADDRESS:PORT")]
    addr: Option<String>,

    /// Port to listen on; 0 takes any free one.
    #[arg(long, value_name = "PORT", value_parser = whole(0..=u16::MAX))]
    port: Option<u16>,

    #[command(flatten)]
    model: TrainedArgs,

    #[command(flatten)]
    reader: ReaderArgs,

    /// Confidence, 0 to 1, below which a digit is refused.
    #[arg(long, value_name = "P", default_value_t = Recognizer::MIN_CONFIDENCE,
          value_parser = probability)]
    min_confidence: f64,

    /// Folder with the runs that the page shows.
    #[arg(long, value_name = "DIR", default_value = RUNS)]
    runs: PathBuf,

    /// Keep what is corrected on the page's tab Sheet: the picture of each corrected cell, and labels.tsv,
    /// as `eval --wild DIR` reads them. Without it, nothing is kept.
    #[arg(long, value_name = "DIR")]
    collect: Option<PathBuf>,

    /// Open the page in a browser.
    #[arg(long)]
    open: bool,

    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Cpu)]
    device: DeviceChoice,

    #[command(flatten)]
    threads: ThreadsArgs,
}

pub(super) fn run(args: &ServeArgs) -> Result<()> {
    // Before the network is loaded, so that a port in use is reported at once.
    let wanted = listen_address(args.addr.as_deref(), args.port)?;
    let listener = TcpListener::bind(&wanted).map_err(|failure| {
        anyhow!("listening on {wanted}: {failure}; name another address with --addr, or another port with --port, such as 0 for any free one")
    })?;
    ensure!(
        !args.runs.exists() || args.runs.is_dir(),
        "looking for runs in {}: it is a file; name a folder with --runs",
        args.runs.display()
    );
    let collection = args.collect.as_deref().map(|folder| {
        let opened = Collection::open(folder);
        opened.with_context(|| format!("--collect {}", folder.display()))
    });
    let collection = collection.transpose()?;
    let address = listener.local_addr().context("getting the port")?;
    let device = args.device.resolve()?;
    machine::prepare(args.threads.get(), device);
    let (net, description) = args.model.load(device)?;
    let service = Service::new(
        (&net, &description),
        &args.reader.load(device)?,
        args.min_confidence,
        Folders {
            runs: args.runs.clone(),
            collection,
        },
        Limits::DEFAULT,
    )?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("starting the threads of the service")?;
    runtime.block_on(async {
        let signals = Signals::listen()?;
        announce(address, service.model())?;
        if args.open && open::that_detached(page(address)).is_err() {
            report::warning("could not open a browser; open that address in one");
        }
        serve::serve(listener, &service, signals.stop()).await
    })
}

/// `ADDRESS:PORT` from an address, a port or both, in either flag.
fn listen_address(address: Option<&str>, port: Option<u16>) -> Result<String> {
    let (address, own) = match address {
        None => (HOST, None),
        Some(port) if port.parse::<u16>().is_ok() => (HOST, port.parse().ok()),
        Some(address) => match address.rsplit_once(':') {
            // More colons are those of an IPv6 address, which has brackets beside a port.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                let port = port.parse::<u16>().map_err(|_| {
                    misuse(&format!(
                        "--addr {address}: {port} is not a port; ports are 0 to 65535"
                    ))
                })?;
                (host, Some(port))
            }
            _ => (address, None),
        },
    };
    if let (Some(port), Some(own)) = (port, own) {
        return Err(misuse(&format!(
            "--addr says port {own} and --port {port}: omit one"
        )));
    }
    let port = port.or(own).unwrap_or(PORT);
    Ok(match address.contains(':') && !address.starts_with('[') {
        true => format!("[{address}]:{port}"),
        false => format!("{address}:{port}"),
    })
}

/// The page's address for a browser on this machine.
fn page(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    }
}

fn announce(address: SocketAddr, model: &ModelCard) -> Result<()> {
    let accuracy = model.test_accuracy.map(|share| {
        format!(
            " ({:.2} % on the test split of {})",
            100.0 * share,
            model.data
        )
    });
    let accuracy = accuracy.unwrap_or_default();
    report::text(&format_args!(
        "{} reads the digits that you draw there; images in MNIST's form are read by {}{accuracy}. Ctrl-C ends it.\n",
        page(address),
        model.name
    ))?;
    stdout().flush().context("writing to stdout")?;
    if !address.ip().is_loopback() {
        report::warning(
            "anyone who can reach this machine at that port can use the service, see the runs, and add corrections if \
             they are kept",
        );
    }
    Ok(())
}

/// Ctrl-C, SIGTERM and SIGHUP: the first lets requests in flight finish, a second does not.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("listening for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.hang_up.recv() => SignalKind::hangup().as_raw_value(),
        }
    }

    async fn stop(mut self) {
        self.next().await;
        report::note("stopping; requests in flight are finished first");
        tokio::spawn(async move {
            let signal = self.next().await;
            report::note("interrupted again: ending at once");
            process::exit(128 + signal);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_port_or_both_say_where_to_listen() {
        let cases = [
            (None, None, "127.0.0.1:8080"),
            (None, Some(9000), "127.0.0.1:9000"),
            (Some("9000"), None, "127.0.0.1:9000"),
            (Some("0.0.0.0"), None, "0.0.0.0:8080"),
            (Some("0.0.0.0"), Some(0), "0.0.0.0:0"),
            (Some("localhost:81"), None, "localhost:81"),
            (Some("::1"), None, "[::1]:8080"),
            (Some("[::1]:9000"), None, "[::1]:9000"),
        ];
        for (address, port, expected) in cases {
            assert_eq!(listen_address(address, port).unwrap(), expected);
        }
        for (address, port) in [
            ("localhost:http", None),
            ("9000", Some(9001)),
            ("a:99999", None),
        ] {
            assert!(listen_address(Some(address), port).is_err(), "{address}");
        }
    }
}
