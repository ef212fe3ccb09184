//! A browser and an API client on the whole application, without a port.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use poem::{EndpointExt, Response};
use serde_json::Value;
use yanzhen::auth::{tokens, users};
use yanzhen::core::{Actor, Role};

use super::Bench;

type Client = std::sync::Arc<TestClient<BoxEndpoint<'static, Response>>>;

/// The password of every account that [`Bench::sign_in`] makes.
pub const PASSWORD: &str = "geese fly north in spring";

static NAMES: AtomicU32 = AtomicU32::new(1);

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: poem::http::HeaderMap,
    pub text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().into_vec().await.unwrap();
        Self { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Fails unless the status is this one; gives itself back.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Fails unless the text is on the page.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(self.text.contains(text), "{text:?} is not in {}", self.text);
        self
    }

    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        assert!(!self.text.contains(text), "{text:?} is in {}", self.text);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The value of the first `<input name=…>` of that name.
    pub fn field(&self, name: &str) -> Option<String> {
        let rest = self.text.split(&format!("name=\"{name}\"")).nth(1)?;
        let value = rest.split('>').next()?.split("value=\"").nth(1)?;
        Some(value.split('"').next()?.to_owned())
    }
}

/// A browser with its cookies.
pub struct Browser {
    client: Client,
    pub cookies: BTreeMap<String, String>,
    pub user_id: i64,
    pub login: String,
}

/// A program with a token (empty for none).
pub struct Api {
    client: Client,
    pub token: String,
}

impl Bench {
    fn client(&self) -> Client {
        TestClient::new(yanzhen::app::build(self.cx.clone()).boxed()).into()
    }

    /// A browser that has not signed in.
    pub fn visitor(&self) -> Browser {
        Browser { client: self.client(), cookies: BTreeMap::new(), user_id: 0, login: String::new() }
    }

    /// Makes an account with a one-time password.
    pub async fn user(&self, role: Role, scopes: &[(&'static str, String)], person_id: Option<i64>) -> users::MadeUser {
        let login = format!("{}{}", role.name(), NAMES.fetch_add(1, Ordering::Relaxed));
        let new = users::NewUser {
            name: format!("N {login}"),
            login,
            email: String::new(),
            role,
            person_id,
            scopes: scopes.to_vec(),
        };
        users::create(&self.cx, &Actor::command_line(), new).await.unwrap()
    }

    /// A browser signed in with a new account of the role, its password already its own.
    pub async fn sign_in(&self, role: Role, scopes: &[(&'static str, String)], person_id: Option<i64>) -> Browser {
        let made = self.user(role, scopes, person_id).await;
        let mut b = self.visitor();
        b.sign_in(&made.login, &made.one_time_password).await.is(303);
        let change = [("old", made.one_time_password.as_str()), ("new", PASSWORD), ("again", PASSWORD)];
        b.post("/account/password", &change).await.is(303);
        b.user_id = made.id;
        b.login = made.login;
        b
    }

    /// A program with a token of a new account of the role.
    pub async fn api(&self, role: Role, scopes: &[(&'static str, String)], person_id: Option<i64>) -> Api {
        let made = self.user(role, scopes, person_id).await;
        let token = tokens::create_by_login(&self.cx, &Actor::command_line(), &made.login, 30).await.unwrap();
        Api { client: self.client(), token }
    }

    /// A program without a token.
    pub fn nobody(&self) -> Api {
        Api { client: self.client(), token: String::new() }
    }
}

impl Browser {
    async fn send(&mut self, request: poem::test::TestRequestBuilder<'_, BoxEndpoint<'static, Response>>) -> Answer {
        let answer = Answer::of(request.send().await.0).await;
        for set in answer.headers.get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.request(Method::GET, path, None).await
    }

    /// Any method, with the body as it is.
    pub async fn request(&mut self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let cookie = self.cookie();
        let client = self.client.clone();
        let mut request = client.request(method, path).header("cookie", cookie);
        if let Some((kind, bytes)) = body {
            request = request.header("content-type", kind).body(bytes);
        }
        self.send(request).await
    }

    /// The token that forms of this visitor carry.
    pub async fn csrf(&mut self) -> String {
        let page = if self.cookies.contains_key("yz_login") { "/account/password" } else { "/sign-in" };
        self.get(page).await.is(200).field("csrf").unwrap()
    }

    /// Sends a form with its CSRF token.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        let body = serde_html_form::to_string(&all).unwrap();
        self.request(Method::POST, path, Some(("application/x-www-form-urlencoded", body.into_bytes()))).await
    }

    /// Sends a form with a file in the field `file`.
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        let csrf = self.csrf().await;
        let mut body = Vec::new();
        for (n, v) in [("csrf", csrf.as_str())].iter().chain(fields) {
            body.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n{v}\r\n").into_bytes());
        }
        let head = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n--XX--\r\n");
        self.request(Method::POST, path, Some(("multipart/form-data; boundary=XX", body))).await
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("login", login), ("password", password)]).await
    }
}

impl Api {
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.request(method, format!("/api/v1{path}"));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (n, v) in headers {
            request = request.header(*n, *v);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Answer::of(request.send().await.0).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body), &[]).await
    }
}
