//! The page router: a list of routes that can be compared with the permission table.

use std::collections::BTreeMap;

use poem::http::Method;
use poem::{EndpointExt, IntoEndpoint, Route, RouteMethod};

/// Collects the features' pages. Each feature adds its own; the same method and path twice is a programming error that
/// the permission test catches.
#[derive(Default)]
pub struct Pages {
    routes: BTreeMap<&'static str, RouteMethod>,
    listed: Vec<(&'static str, &'static str)>,
}

impl Pages {
    #[must_use]
    pub fn get<E>(self, path: &'static str, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.add("GET", &Method::GET, path, endpoint)
    }

    #[must_use]
    pub fn post<E>(self, path: &'static str, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.add("POST", &Method::POST, path, endpoint)
    }

    fn add<E>(mut self, name: &'static str, method: &Method, path: &'static str, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.listed.push((name, path));
        let at = self.routes.remove(path).unwrap_or_default();
        self.routes.insert(path, at.method(method.clone(), endpoint.into_endpoint().map_to_response()));
        self
    }

    /// Every route, for the test against the permission table.
    #[must_use]
    pub fn listed(&self) -> &[(&'static str, &'static str)] {
        &self.listed
    }

    /// The router.
    #[must_use]
    pub fn into_route(self) -> Route {
        self.routes.into_iter().fold(Route::new(), |route, (path, methods)| route.at(path, methods))
    }
}
