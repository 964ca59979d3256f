//! A peer of the transport bench: str0m. See protocol.ts for what it says.

use std::error::Error;
use std::io::{BufRead, ErrorKind, stdin};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use serde_json::{Value, json};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::channel::ChannelId;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc};

const MESSAGE_BYTES: usize = 65_532;
/// What waits for an acknowledgement counts, too; of more, each packet costs more.
const KEPT_BYTES: usize = 512 * 1024;
/// The receive window is as large as the largest message, and 1 MiB at least.
const MAX_MESSAGE_BYTES: u32 = 4 * 1024 * 1024;
/// Ticks of the times in `/proc/PID/stat`; 100 on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;

type Fallible<T> = Result<T, Box<dyn Error>>;

struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    /// When it has to be told the time.
    due: Instant,
}

impl Peer {
    fn new() -> Fallible<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let address = socket.local_addr()?;
        let mut rtc = Rtc::builder()
            .set_sctp_max_buffered_amount(KEPT_BYTES)
            .set_sctp_max_message_size(MAX_MESSAGE_BYTES)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp")?);
        Ok(Self {
            rtc,
            socket,
            address,
            due: Instant::now(),
        })
    }

    /// Sends what is due, up to an event; without one it is time to wait.
    fn drain(&mut self) -> Fallible<Option<Event>> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.due = at;
                    return Ok(None);
                }
                Output::Event(event) => return Ok(Some(event)),
                Output::Transmit(datagram) => {
                    self.socket
                        .send_to(&datagram.contents, datagram.destination)?;
                }
            }
        }
    }

    /// Waits for a datagram until it is due, or a time before, and takes it.
    fn wait(&mut self, until: Instant, buffer: &mut [u8]) -> Fallible<()> {
        let left = until
            .min(self.due)
            .saturating_duration_since(Instant::now());
        // None would wait for ever.
        self.socket
            .set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match self.socket.recv_from(buffer) {
            Ok((length, source)) => {
                let Ok(contents) = buffer[..length].try_into() else {
                    return Ok(());
                };
                let proto = Protocol::Udp;
                let destination = self.address;
                let receive = Receive {
                    proto,
                    source,
                    destination,
                    contents,
                };
                self.rtc
                    .handle_input(Input::Receive(Instant::now(), receive))?;
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    self.rtc.handle_input(Input::Timeout(Instant::now()))?;
                }
                _ => return Err(error.into()),
            },
        }
        Ok(())
    }
}

fn send(mut peer: Peer, lasts: Duration) -> Fallible<()> {
    let mut changes = peer.rtc.sdp_api();
    let channel = changes.add_channel("bench".to_owned());
    let (offer, pending) = changes.apply().ok_or("there is nothing to offer")?;
    say(json!({ "sdp": offer.to_sdp_string() }));
    let answer = SdpAnswer::from_sdp_string(&hear()?)?;
    peer.rtc.sdp_api().accept_answer(pending, answer)?;
    exit_when_told();
    let message = vec![1; MESSAGE_BYTES];
    let mut buffer = vec![0; 2000];
    let mut opened: Option<(Instant, f64)> = None;
    let mut done = false;
    loop {
        match peer.drain()? {
            Some(Event::ChannelOpen(..)) => {
                opened = Some((Instant::now(), cpu_seconds()?));
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        let Some((at, cpu)) = opened.filter(|_| !done) else {
            peer.wait(peer.due, &mut buffer)?;
            continue;
        };
        if at.elapsed() >= lasts {
            done = true;
            say(json!({ "done": true, "cpu": cpu_seconds()? - cpu }));
        } else if !write(&mut peer.rtc, channel, &message)? {
            peer.wait(at + lasts, &mut buffer)?;
        }
    }
}

/// Whether there was room for a message.
fn write(rtc: &mut Rtc, channel: ChannelId, message: &[u8]) -> Fallible<bool> {
    let Some(mut channel) = rtc.channel(channel) else {
        return Err("the channel was closed".into());
    };
    Ok(channel.write(true, message)?)
}

fn receive(mut peer: Peer, seconds: u32) -> Fallible<()> {
    let offer = SdpOffer::from_sdp_string(&hear()?)?;
    let answer = peer.rtc.sdp_api().accept_offer(offer)?;
    say(json!({ "sdp": answer.to_sdp_string() }));
    exit_when_told();
    let mut buffer = vec![0; 2000];
    let mut started: Option<(Instant, f64)> = None;
    let (mut bytes, mut last) = (0, 0);
    let mut per_second = Vec::new();
    loop {
        match peer.drain()? {
            Some(Event::ChannelData(message)) => {
                if started.is_none() {
                    started = Some((Instant::now(), cpu_seconds()?));
                }
                bytes += message.data.len();
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        let mut until = peer.due;
        let measured = per_second.len() as u32;
        if let Some((at, cpu)) = started.filter(|_| measured < seconds) {
            let due = at + Duration::from_secs((measured + 1).into());
            until = due;
            if Instant::now() >= due {
                per_second.push(bytes - last);
                last = bytes;
            }
            if per_second.len() as u32 == seconds {
                let cpu = cpu_seconds()? - cpu;
                let received = json!({ "bytes": bytes, "perSecond": per_second, "cpu": cpu });
                say(json!({ "received": received }));
            }
        }
        peer.wait(until, &mut buffer)?;
    }
}

fn say(message: Value) {
    println!("{message}");
}

/// The description of the next line.
fn hear() -> Fallible<String> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let heard: Value = serde_json::from_str(&line)?;
    Ok(heard["sdp"]
        .as_str()
        .ok_or("the line has no sdp")?
        .to_owned())
}

/// Ends when the next line comes, or nobody is there any more.
fn exit_when_told() {
    thread::spawn(|| {
        let _ = stdin().lock().read_line(&mut String::new());
        process::exit(0);
    });
}

/// CPU seconds of this process so far; of Linux's proc(5), fields 14 and 15.
fn cpu_seconds() -> Fallible<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = text.rsplit_once(") ").ok_or("this is no stat line")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

/// The release of a crate that this program is made of.
fn version_of(name: &str) -> &str {
    let lock = include_str!("../Cargo.lock");
    let start = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.split_once(&start).unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

fn main() -> Fallible<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["version"] => {
            println!(
                "{} (sctp-proto {})",
                version_of("str0m"),
                version_of("sctp-proto")
            );
            Ok(())
        }
        ["send", seconds, ..] => send(Peer::new()?, Duration::from_secs(seconds.parse()?)),
        ["receive", seconds, ..] => receive(Peer::new()?, seconds.parse()?),
        _ => Err("usage: str0m-peer send|receive SECONDS, or str0m-peer version".into()),
    }
}
