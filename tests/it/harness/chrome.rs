//! Chromium, driven through chromedriver, on a server of the bench's own: for journeys through the pages as people make
//! them, with the real style sheet, script, uploads and cookies.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use poem::http::Method;
use poem::listener::{Acceptor, Listener, TcpListener};
use serde_json::{Value, json};

use super::Bench;

/// The width of a small phone, in CSS pixels.
pub const PHONE: u32 = 360;
/// An office screen.
pub const DESK: u32 = 1280;

/// How long a page may take to show what is looked for: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running chromedriver and a server with the whole application; both end when dropped.
pub struct Chrome {
    driver: Child,
    driver_url: String,
    site: String,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Chrome {
    fn drop(&mut self) {
        self.server.abort();
        // Its browsers end with it.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// One browser with a fresh profile.
pub struct Tab {
    client: Client,
    site: String,
    width: u32,
    _profile: tempfile::TempDir,
}

impl Bench {
    /// Serves the application on a free port and starts the driver.
    pub async fn chrome(&self) -> Chrome {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let site = format!("http://{}", acceptor.local_addr()[0].as_socket_addr().unwrap());
        let app = yanzhen::app::build(self.cx.clone());
        let server = tokio::spawn(async move { poem::Server::new_with_acceptor(acceptor).run(app).await.unwrap() });
        let (driver, driver_url) = tokio::task::spawn_blocking(start_driver).await.unwrap();
        Chrome { driver, driver_url, site, server }
    }
}

fn start_driver() -> (Child, String) {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is needed: tests/run installs it");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said = lines.find(|l| l.contains("successfully on port")).expect("chromedriver did not start");
    let port: String =
        said.chars().rev().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let port: String = port.chars().rev().collect();
    // Read on, or the driver would stop at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (driver, format!("http://127.0.0.1:{port}"))
}

impl Chrome {
    /// A browser of its own, as wide as given.
    pub async fn tab(&self, width: u32) -> Tab {
        let profile = tempfile::tempdir().unwrap();
        let dir = format!("--user-data-dir={}", profile.path().display());
        let size = format!("--window-size={width},900");
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &dir,
            &size,
        ];
        let mut options = json!({ "args": args });
        if width == PHONE {
            // A window cannot be made this narrow; a phone's screen can.
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": 740, "pixelRatio": 2.0 } });
        }
        let capabilities = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&self.driver_url)
            .await
            .expect("chromium is needed: tests/run installs it");
        Tab { client, site: self.site.clone(), width, _profile: profile }
    }
}

/// What the browser wrote into its console since it was last asked: the driver's own command, in no standard.
#[derive(Debug)]
struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// Takes the network from the page or gives it back, by the browser's own protocol.
#[derive(Debug)]
struct Network {
    offline: bool,
}

impl WebDriverCompatibleCommand for Network {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        let params = json!({ "offline": self.offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        (Method::POST, Some(json!({ "cmd": "Network.emulateNetworkConditions", "params": params }).to_string()))
    }
}

impl Tab {
    /// Whether the page has a network.
    pub async fn network(&self, there: bool) {
        self.client.issue_cmd(Network { offline: !there }).await.unwrap();
    }

    /// Runs a script that gives a promise and waits for what it gives.
    pub async fn ask(&self, promise: &str) -> Value {
        let script = format!("const done = arguments[0]; ({promise}).then(done, (e) => done(String(e)));");
        self.client.execute_async(&script, Vec::new()).await.unwrap()
    }

    /// Opens a page of the site, which must be as [`Tab::fits`] wants it.
    pub async fn open(&self, path: &str) {
        let wrong = self.visit(path).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// Opens a page of the site and gives what is wrong with it.
    pub async fn visit(&self, path: &str) -> Vec<String> {
        self.client.goto(&format!("{}{path}", self.site)).await.unwrap();
        self.complaints().await
    }

    /// Fails when the page is wider than the screen, has a link to nowhere, or when the browser complains in its console: script errors,
    /// things the content security policy forbids, parts that do not load.
    pub async fn fits(&self) {
        let wrong = self.complaints().await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn complaints(&self) -> Vec<String> {
        let path = self.path().await;
        let log = self.client.issue_cmd(ConsoleLog).await.unwrap();
        // A form with a wrong field is answered with 422, which the browser counts among the failures; advice is none.
        let fine = |e: &&Value| {
            let said = |what| e["message"].as_str().is_some_and(|m| m.contains(what));
            // What fails without a network is meant to.
            e["source"] == "recommendation" || said("status of 422") || said("ERR_INTERNET_DISCONNECTED")
        };
        let mut wrong: Vec<String> =
            log.as_array().unwrap().iter().filter(|e| !fine(e)).map(Value::to_string).collect();
        let script = "return [document.documentElement.scrollWidth, document.querySelectorAll('a[href=\"\"]').length]";
        let got = self.client.execute(script, Vec::new()).await.unwrap();
        if got[1] != 0 {
            wrong.push(format!("{path} has links to nowhere"));
        }
        let wide = got[0].as_u64().unwrap();
        if wide > u64::from(self.width) {
            wrong.push(format!("{path} is {wide} px wide on a screen of {}", self.width));
        }
        wrong
    }

    /// The path of the page shown.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Waits for an element.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(e) => e,
            Err(e) => panic!("{css}: {e}: {}", self.text().await),
        }
    }

    /// How many there are.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// What can be read on the page; nothing while it is being changed for another.
    pub async fn text(&self) -> String {
        let script = "return document.body ? document.body.innerText : ''";
        let got = self.client.execute(script, Vec::new()).await.unwrap_or_default();
        got.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page shows the text. Never loads it anew: a page with work in the background does that itself.
    pub async fn shows(&self, text: &str) {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let shown = self.text().await;
            if shown.contains(text) {
                return self.fits().await;
            }
            assert!(std::time::Instant::now() < end, "{text:?} is not on {}: {shown}", self.path().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Where the links of the page lead within the site, without queries.
    pub async fn links(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('a[href^=\"/\"]:not([download])')].map(a => a.pathname)";
        let got = self.client.execute(script, Vec::new()).await.unwrap();
        got.as_array().unwrap().iter().map(|l| l.as_str().unwrap().to_owned()).collect()
    }

    /// Puts a value into the field of a name. Dates and times go by script: typing them depends on the browser's language.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("main [name=\"{name}\"]")).await;
        match field.attr("type").await.unwrap().as_deref() {
            Some("date" | "time") => {
                let args = vec![serde_json::to_value(&field).unwrap(), json!(value)];
                self.client.execute("arguments[0].value = arguments[1]", args).await.unwrap();
            }
            Some("file") => field.send_keys(value).await.unwrap(),
            _ => {
                field.clear().await.unwrap();
                field.send_keys(value).await.unwrap();
            }
        }
    }

    /// Clicks what the selector finds first, scrolled into the middle, clear of the bars at the edges.
    pub async fn click(&self, css: &str) {
        let it = self.find(css).await;
        let args = vec![serde_json::to_value(&it).unwrap()];
        self.client.execute("arguments[0].scrollIntoView({block: 'center'})", args).await.unwrap();
        it.click().await.unwrap_or_else(|e| panic!("{css}: {e}"));
    }

    /// Says yes to the question the page has put.
    pub async fn accept(&self) {
        self.client.accept_alert().await.unwrap();
    }

    /// The text of an element.
    pub async fn read(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Signs in with a one-time password and changes it, as a person does the first time.
    pub async fn first_sign_in(&self, login: &str, one_time: &str) {
        self.open("/sign-in").await;
        self.fill("login", login).await;
        self.fill("password", one_time).await;
        self.click("main form button").await;
        self.find("[name=again]").await;
        assert_eq!(self.path().await, "/account/password");
        self.fits().await;
        for (name, value) in [("old", one_time), ("new", super::http::PASSWORD), ("again", super::http::PASSWORD)] {
            self.fill(name, value).await;
        }
        self.click("main form button").await;
        self.find("nav.bottom, nav.side").await;
        assert_ne!(self.path().await, "/account/password");
    }

    /// Uploads a file of `tests/fixtures/journeys` on the page of its kind, and waits for the preview.
    pub async fn upload(&self, kind: &str, fields: &[(&str, &str)], file: &str) {
        self.open(&format!("/imports/new/{kind}")).await;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journeys").join(file);
        self.fill("file", path.to_str().unwrap()).await;
        for (name, value) in fields {
            self.fill(name, value).await;
        }
    }

    /// Ends the browser.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}
