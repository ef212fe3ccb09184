//! Placements and hour entries over the API.

mod decisions;
mod supervision;
mod types;

use chrono::NaiveDate;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::ops::{self, EntryFilter, PlacePerson, PlacementChange, PlacementFilter};
use super::rules::State;
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::core::{Error, Msg};
use crate::db::Cx;
use decisions::{
    DecidedOut, DecisionIn, DiscardedOut, FigureOut, FiguresOut, LinkIn, LinkOut, ProgressOut, SignOffIn, VersionIn,
    marks,
};
use types::{EntryIn, EntryOut, EntryState, LoggedOut, PlacementChangeIn, PlacementIn, PlacementOut};

pub use supervision::SupervisionApi;

/// Placements and hour entries.
pub struct PracticumApi;

#[OpenApi(tag = "Tag::Practicum")]
impl PracticumApi {
    /// List placements.
    #[oai(path = "/placements", method = "get", operation_id = "list_placements")]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter of the operation")]
    async fn placements(
        &self,
        cx: Cx,
        user: ApiUser,
        person_id: Query<Option<i64>>,
        base_id: Query<Option<i64>>,
        cohort_id: Query<Option<i64>>,
        /// Only those short of hours.
        short: Query<Option<bool>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<PlacementOut>>> {
        let filter = PlacementFilter {
            person_id: person_id.0,
            base_id: base_id.0,
            cohort_id: cohort_id.0,
            short: short.0.unwrap_or(false),
            ..PlacementFilter::default()
        };
        let list = ops::placements(cx.read(), &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(list, PlacementOut::from)))
    }

    /// Place a person at a base.
    #[oai(path = "/placements", method = "post", operation_id = "add_placement")]
    async fn place(&self, cx: Cx, user: ApiUser, input: Json<PlacementIn>) -> api::Result<Json<PlacementOut>> {
        let p = input.0;
        let place = PlacePerson {
            person_id: p.person_id,
            base_id: p.base_id,
            cohort_id: p.cohort_id,
            supervisor_id: p.supervisor_id,
            starts_on: p.starts_on,
            ends_on: p.ends_on,
            required_minutes: p.required_minutes,
            programme: p.programme,
            campus_mentor: p.campus_mentor,
        };
        let id = ops::place(&cx, &user, place).await?;
        Ok(Json(ops::placement(cx.read(), &user, id).await?.into()))
    }

    /// One placement.
    #[oai(path = "/placements/:id", method = "get", operation_id = "get_placement")]
    async fn placement(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<PlacementOut>> {
        Ok(Json(ops::placement(cx.read(), &user, id.0).await?.into()))
    }

    /// How far a placement's hours are, by kind of work, and when they will be there.
    #[oai(path = "/placements/:id/progress", method = "get", operation_id = "get_placement_progress")]
    async fn progress(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<ProgressOut>> {
        let p = ops::placement(cx.read(), &user, id.0).await?;
        let outlook = ops::outlook(&cx, std::slice::from_ref(&p)).await?;
        Ok(Json(ProgressOut::of(&p, outlook)))
    }

    /// Change a placement.
    #[oai(path = "/placements/:id", method = "put", operation_id = "change_placement")]
    async fn change(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<PlacementChangeIn>,
    ) -> api::Result<Json<PlacementOut>> {
        let c = input.0;
        let change = PlacementChange {
            id: id.0,
            version: c.version,
            starts_on: c.starts_on,
            ends_on: c.ends_on,
            required_minutes: c.required_minutes,
            campus_mentor: c.campus_mentor,
            state: c.state,
            note: c.note,
        };
        ops::change_placement(&cx, &user, change).await?;
        Ok(Json(ops::placement(cx.read(), &user, id.0).await?.into()))
    }

    /// List hour entries, the newest day first.
    #[oai(path = "/hour-entries", method = "get", operation_id = "list_hour_entries")]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter of the operation")]
    async fn entries(
        &self,
        cx: Cx,
        user: ApiUser,
        person_id: Query<Option<i64>>,
        placement_id: Query<Option<i64>>,
        base_id: Query<Option<i64>>,
        state: Query<Option<EntryState>>,
        from: Query<Option<NaiveDate>>,
        to: Query<Option<NaiveDate>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<EntryOut>>> {
        let filter = EntryFilter {
            person_id: person_id.0,
            placement_id: placement_id.0,
            base_id: base_id.0,
            state: state.0.map(EntryState::state),
            from: from.0,
            to: to.0,
        };
        let list = ops::entries(cx.read(), &user, &filter, &page::request(limit.0, after.0)).await?;
        Ok(Json(PageOut::of(list, EntryOut::from)))
    }

    /// Log hours.
    #[oai(path = "/hour-entries", method = "post", operation_id = "log_hours")]
    async fn log(&self, cx: Cx, user: ApiUser, input: Json<EntryIn>) -> api::Result<Json<LoggedOut>> {
        Ok(Json(ops::log_hours(&cx, &user, input.0.read()?).await?.into()))
    }

    /// Figures: hours and person-times by state and group.
    #[oai(path = "/hour-entries/figures", method = "get", operation_id = "get_hours_figures")]
    async fn figures(
        &self,
        cx: Cx,
        user: ApiUser,
        person_id: Query<Option<i64>>,
        base_id: Query<Option<i64>>,
        from: Query<Option<NaiveDate>>,
        to: Query<Option<NaiveDate>>,
    ) -> api::Result<Json<FiguresOut>> {
        let filter = EntryFilter {
            person_id: person_id.0,
            base_id: base_id.0,
            from: from.0,
            to: to.0,
            ..EntryFilter::default()
        };
        let f = ops::figures(cx.read(), &user, &filter).await?;
        let confirmed_minutes = f.minutes(State::Confirmed);
        let row = |r: ops::FigureRow| FigureOut {
            state: EntryState::of(&r.state),
            beneficiary: r.beneficiary,
            entries: r.entries,
            minutes: r.minutes,
            person_times: r.person_times,
        };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 minutes")]
        let confirmed_hours = confirmed_minutes as f64 / 60.0;
        let rows = f.rows.into_iter().map(row).collect();
        Ok(Json(FiguresOut { confirmed_minutes, confirmed_hours, placements: f.placements, short: f.short, rows }))
    }

    /// Confirm entries. One alone that somebody else decided meanwhile is a conflict; of several the rest is done and those
    /// are named.
    #[oai(path = "/hour-entries/confirm", method = "post", operation_id = "confirm_hours")]
    async fn confirm(&self, cx: Cx, user: ApiUser, input: Json<DecisionIn>) -> api::Result<Json<DecidedOut>> {
        let list = marks(&input.0.entries);
        let done = ops::confirm(&cx, &user, &list).await?;
        Ok(Json(DecidedOut::of(done, list.len(), &user)?))
    }

    /// Return entries with a reason; also confirmed ones that proved wrong.
    #[oai(path = "/hour-entries/return", method = "post", operation_id = "return_hours")]
    async fn give_back(&self, cx: Cx, user: ApiUser, input: Json<DecisionIn>) -> api::Result<Json<DecidedOut>> {
        let list = marks(&input.0.entries);
        let done = ops::return_entries(&cx, &user, &list, &input.0.reason).await?;
        Ok(Json(DecidedOut::of(done, list.len(), &user)?))
    }

    /// Sign entries for the campus that their base has confirmed; never by the one who confirmed them.
    #[oai(path = "/hour-entries/sign-off", method = "post", operation_id = "sign_off_hours")]
    async fn sign_off(&self, cx: Cx, user: ApiUser, input: Json<SignOffIn>) -> api::Result<Json<DecidedOut>> {
        let list = marks(&input.0.entries);
        let done = ops::sign_off(&cx, &user, &list).await?;
        Ok(Json(DecidedOut::of(done, list.len(), &user)?))
    }

    /// Mail a link by which a supervisor without an account decides on what waits at a base.
    #[oai(path = "/confirm-links", method = "post", operation_id = "send_confirm_link")]
    async fn send_link(&self, cx: Cx, user: ApiUser, input: Json<LinkIn>) -> api::Result<Json<LinkOut>> {
        let i = input.0;
        let send = ops::SendLink {
            base_id: i.base_id,
            supervisor_id: i.supervisor_id,
            address: i.address,
            name: i.name,
            lang: crate::core::Lang::ZhCn,
        };
        Ok(Json(LinkOut { id: ops::send_link(&cx, &user, send).await? }))
    }

    /// One hour entry.
    #[oai(path = "/hour-entries/:id", method = "get", operation_id = "get_hour_entry")]
    async fn entry(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<EntryOut>> {
        Ok(Json(ops::entry(cx.read(), &user, id.0).await?.into()))
    }

    /// Change an entry, and with `submit` hand it in (again). A confirmed one stays and counts: the change is an entry of
    /// its own, whose id is given back, and takes its place once it is confirmed.
    #[oai(path = "/hour-entries/:id", method = "put", operation_id = "edit_hours")]
    async fn edit(&self, cx: Cx, user: ApiUser, id: Path<i64>, input: Json<EntryIn>) -> api::Result<Json<LoggedOut>> {
        let version = input.0.version.ok_or_else(|| Error::field("version", Msg::new("practicum-version-missing")))?;
        Ok(Json(ops::edit_hours(&cx, &user, id.0, version, input.0.read()?).await?.into()))
    }

    /// Hand an entry in as it is.
    #[oai(path = "/hour-entries/:id/submit", method = "post", operation_id = "submit_hours")]
    async fn submit(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<VersionIn>,
    ) -> api::Result<Json<LoggedOut>> {
        Ok(Json(ops::submit_hours(&cx, &user, id.0, input.0.version).await?.into()))
    }

    /// Take an entry back: it is a draft again.
    #[oai(path = "/hour-entries/:id/withdraw", method = "post", operation_id = "withdraw_hours")]
    async fn withdraw(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<VersionIn>,
    ) -> api::Result<Json<LoggedOut>> {
        Ok(Json(ops::withdraw_hours(&cx, &user, id.0, input.0.version).await?.into()))
    }

    /// Throw a draft away.
    #[oai(path = "/hour-entries/:id/discard", method = "post", operation_id = "discard_hours")]
    async fn discard(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        input: Json<VersionIn>,
    ) -> api::Result<Json<DiscardedOut>> {
        ops::discard_hours(&cx, &user, id.0, input.0.version).await?;
        Ok(Json(DiscardedOut { id: id.0 }))
    }
}
