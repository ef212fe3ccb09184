//! Pages of registrations.

use askama::Template;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use serde::Deserialize;

use super::{Choices, ListQuery, levels};
use crate::core::Msg;
use crate::core::page::Page;
use crate::exams::ops::{self, ChangeRegistration, CycleView, RegistrationFilter, RegistrationView};
use crate::exams::rules::Payment;
use crate::web::{self, Errors, Form, Query, Ui};

#[derive(Template)]
#[template(path = "exams/pages/registrations.html")]
struct RegistrationsPage {
    ui: Ui,
    cycle: CycleView,
    page: Page<RegistrationView>,
    levels: Choices,
    states: Choices,
    q: ListQuery,
    first: String,
    next: Option<String>,
}

#[handler]
pub(super) async fn registrations_list(
    ui: Ui,
    Path((scheme, year)): Path<(String, i64)>,
    Query(q): Query<ListQuery>,
) -> web::Result<Response> {
    let cycle = ops::cycle(&ui.cx, ui.actor()?, &scheme, year, ui.lang()).await?;
    let filter = RegistrationFilter { level: q.level.clone(), state: q.state.clone(), name: q.name.clone() };
    let page = match cycle.id {
        Some(id) => ops::registrations(&ui.cx, ui.actor()?, id, &filter, &q.page(), ui.lang()).await?,
        None => Page { items: Vec::new(), next: None },
    };
    let path = format!("/exams/{scheme}/{year}/registrations");
    let (first, next) = (q.address(&path, None), page.next.as_deref().map(|n| q.address(&path, Some(n))));
    let mut states: Choices = vec![(String::new(), ui.t("exams-all-states"))];
    states.extend(["active", "withdrawn"].map(|s| (s.to_owned(), ui.t(&format!("exams-state-{s}")))));
    let levels = levels(&ui, &cycle);
    web::html(&RegistrationsPage { ui, cycle, page, levels, states, q, first, next })
}

#[derive(Template)]
#[template(path = "exams/pages/registration.html")]
struct RegistrationPage {
    ui: Ui,
    cycle: ops::Cycle,
    r: RegistrationView,
    payment: String,
    withdrawn: bool,
    why: String,
    errors: Errors,
}

impl RegistrationPage {
    fn payments(&self) -> Choices {
        ["paid", "unpaid", "unknown"].map(|p| (p.to_owned(), self.ui.t(&format!("exams-payment-{p}")))).into()
    }

    fn may_edit(&self) -> bool {
        self.ui.can("POST", &format!("/registrations/{}", self.r.id))
    }
}

#[handler]
pub(super) async fn registration_show(ui: Ui, Path(id): Path<i64>) -> web::Result<Response> {
    let (cycle, r) = ops::registration(&ui.cx, ui.actor()?, id, ui.lang()).await?;
    let (payment, withdrawn) = (r.payment.clone(), r.state == "withdrawn" && r.payment != "unpaid");
    web::html(&RegistrationPage { ui, cycle, r, payment, withdrawn, why: String::new(), errors: Errors::default() })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RegistrationForm {
    payment: String,
    withdrawn: Option<String>,
    why: Option<String>,
    version: i64,
}

#[handler]
pub(super) async fn registration_change(
    ui: Ui,
    Path(id): Path<i64>,
    Form(form): Form<RegistrationForm>,
) -> web::Result<Response> {
    let why = form.why.unwrap_or_default();
    let withdrawn = form.withdrawn.is_some();
    let payment = Payment::parse(&form.payment).ok_or(web::error::Bad::Form)?;
    let input = ChangeRegistration { id, version: form.version, payment, withdrawn, why: why.clone() };
    match ops::change_registration(&ui.cx, ui.actor()?, input).await {
        Ok(()) => Ok(ui.see(&format!("/registrations/{id}"), &Msg::new("exams-saved"))),
        Err(e) => {
            let errors = Errors::from(e)?;
            let (cycle, r) = ops::registration(&ui.cx, ui.actor()?, id, ui.lang()).await?;
            let page = RegistrationPage { ui, cycle, r, payment: form.payment, withdrawn, why, errors };
            web::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
