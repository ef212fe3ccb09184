//! A mail server on a loopback port that behaves as told, by recipient: takes mails, answers 4xx or 5xx, stalls, drops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// When in the dialogue something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Rcpt,
    Data,
    /// While the content is coming in.
    MidContent,
    /// The content is in and kept; the client has no answer yet.
    AfterContent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Take,
    /// Takes it after so many milliseconds.
    Slow(u64),
    Say(When, u16),
    Stall(When),
    Drop(When),
}

#[derive(Clone, Debug)]
pub struct Received {
    pub to: String,
    pub message_id: String,
}

type Script = Arc<dyn Fn(&str, usize) -> Act + Send + Sync>;

pub struct Smtp {
    pub port: u16,
    taken: Arc<Mutex<Vec<Received>>>,
    pub connections: Arc<std::sync::atomic::AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Smtp {
    /// Takes everything.
    pub async fn start() -> Self {
        Self::scripted(|_, _| Act::Take).await
    }

    /// `script` is asked for each mail: the recipient, and how often that one has been tried before.
    pub async fn scripted(script: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let tries = Arc::new(Mutex::new(HashMap::new()));
        let script: Script = Arc::new(script);
        let (t, c) = (taken.clone(), connections.clone());
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                c.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let talk = Talk { taken: t.clone(), tries: tries.clone(), script: script.clone() };
                open.spawn(async move {
                    let _ = talk.run(stream).await;
                });
            }
        });
        Self { port, taken, connections, task }
    }

    pub fn taken(&self) -> Vec<Received> {
        self.taken.lock().unwrap().clone()
    }

    /// Mails taken for one recipient.
    pub fn to(&self, address: &str) -> Vec<Received> {
        self.taken().into_iter().filter(|r| r.to == address).collect()
    }
}

struct Talk {
    taken: Arc<Mutex<Vec<Received>>>,
    tries: Arc<Mutex<HashMap<String, usize>>>,
    script: Script,
}

/// The connection is to be closed without a word.
struct Gone;

impl From<std::io::Error> for Gone {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Talk {
    async fn run(&self, stream: TcpStream) -> Result<(), Gone> {
        stream.set_nodelay(true)?;
        let mut io = BufReader::new(stream);
        say(&mut io, "220 test").await?;
        let mut line = String::new();
        let (mut to, mut act) = (String::new(), Act::Take);
        loop {
            line.clear();
            if io.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let word = line.split([' ', ':']).next().unwrap_or_default().trim().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" | "HELO" => say(&mut io, "250-test\r\n250 8BITMIME").await?,
                "MAIL" => say(&mut io, "250 ok").await?,
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    let before = {
                        let mut tries = self.tries.lock().unwrap();
                        let n = tries.entry(to.clone()).or_insert(0);
                        *n += 1;
                        *n - 1
                    };
                    act = (self.script)(&to, before);
                    if !play(&mut io, act, When::Rcpt).await? {
                        say(&mut io, "250 ok").await?;
                    }
                }
                "DATA" => {
                    if !play(&mut io, act, When::Data).await? {
                        say(&mut io, "354 go on").await?;
                        self.content(&mut io, &to, act).await?;
                    }
                }
                "RSET" | "NOOP" => say(&mut io, "250 ok").await?,
                "QUIT" => {
                    say(&mut io, "221 bye").await?;
                    return Ok(());
                }
                _ => say(&mut io, "500 what").await?,
            }
        }
    }

    async fn content(&self, io: &mut BufReader<TcpStream>, to: &str, act: Act) -> Result<(), Gone> {
        let mut raw = Vec::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            if io.read_until(b'\n', &mut line).await? == 0 {
                return Err(Gone);
            }
            if matches!(act, Act::Drop(When::MidContent) | Act::Stall(When::MidContent)) {
                play(io, act, When::MidContent).await?;
            }
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(&line);
        }
        if let Act::Slow(ms) = act {
            tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
        }
        let raw = String::from_utf8_lossy(&raw).into_owned();
        let id = raw.lines().find_map(|l| l.strip_prefix("Message-ID: ")).unwrap_or_default().to_owned();
        let refused = matches!(act, Act::Say(When::AfterContent, _));
        if !refused {
            self.taken.lock().unwrap().push(Received { to: to.to_owned(), message_id: id });
        }
        if !play(io, act, When::AfterContent).await? {
            say(io, "250 taken").await?;
        }
        Ok(())
    }
}

/// Does what the script says if this is the moment; true when the client has had its answer.
async fn play(io: &mut BufReader<TcpStream>, act: Act, now: When) -> Result<bool, Gone> {
    match act {
        Act::Say(when, code) if when == now => {
            say(io, &format!("{code} as told")).await?;
            Ok(true)
        }
        Act::Stall(when) if when == now => {
            tokio::time::sleep(std::time::Duration::from_secs(600)).await;
            Err(Gone)
        }
        Act::Drop(when) if when == now => Err(Gone),
        _ => Ok(false),
    }
}

async fn say(io: &mut BufReader<TcpStream>, text: &str) -> Result<(), Gone> {
    io.get_mut().write_all(format!("{text}\r\n").as_bytes()).await?;
    Ok(())
}
