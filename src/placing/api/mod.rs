//! Placing a cohort over the API.

mod lines;
mod types;

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::ops::{self, FindLines};
use crate::api::{self, ApiUser, PageOut, Tag, page};
use crate::db::Cx;
use crate::db::list::Slice;
use lines::{LineIn, LineOut, WishesIn, WishesOut};
use types::{ProposeIn, ProposedOut, PublishedOut, RoundIn, RoundOut, SlotIn, SlotOut, SwapIn, VersionIn};

/// Rounds of placing a cohort.
pub struct PlacingApi;

#[OpenApi(tag = "Tag::Practicum")]
impl PlacingApi {
    /// List rounds.
    #[oai(path = "/placing-rounds", method = "get", operation_id = "list_placing_rounds")]
    async fn list(
        &self,
        cx: Cx,
        user: ApiUser,
        /// open, published or cancelled.
        state: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<RoundOut>>> {
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::list(cx.read(), &user, "", &state.0.unwrap_or_default(), "", &slice).await?;
        Ok(Json(PageOut::of(found, RoundOut::from)))
    }

    /// Make a round for a cohort.
    #[oai(path = "/placing-rounds", method = "post", operation_id = "add_placing_round")]
    async fn add(&self, cx: Cx, user: ApiUser, body: Json<RoundIn>) -> api::Result<Json<RoundOut>> {
        let id = ops::create(&cx, &user, body.0.input()).await?;
        Ok(Json(ops::get(cx.read(), &user, id).await?.into()))
    }

    /// The rounds that an intern takes part in.
    #[oai(path = "/my-placing-rounds", method = "get", operation_id = "list_my_placing_rounds")]
    async fn mine(&self, cx: Cx, user: ApiUser) -> api::Result<Json<Vec<RoundOut>>> {
        let found = ops::my_rounds(cx.read(), &user).await?;
        Ok(Json(found.into_iter().map(RoundOut::from).collect()))
    }

    /// One round with its figures.
    #[oai(path = "/placing-rounds/:id", method = "get", operation_id = "get_placing_round")]
    async fn get(&self, cx: Cx, user: ApiUser, id: Path<i64>) -> api::Result<Json<RoundOut>> {
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Change a round that is open.
    #[oai(path = "/placing-rounds/:id", method = "put", operation_id = "change_placing_round")]
    async fn change(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<RoundIn>) -> api::Result<Json<RoundOut>> {
        ops::edit(&cx, &user, id.0, body.0.version, body.0.input()).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// Call a round off.
    #[oai(path = "/placing-rounds/:id/cancel", method = "post", operation_id = "cancel_placing_round")]
    async fn cancel(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<VersionIn>) -> api::Result<Json<RoundOut>> {
        ops::cancel(&cx, &user, id.0, body.0.version, &body.0.reason).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }

    /// The places offered in a round.
    #[oai(path = "/placing-rounds/:id/slots", method = "get", operation_id = "list_placing_slots")]
    async fn slots(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<SlotOut>>> {
        let slice = Slice::from(&page::request(limit.0, after.0));
        let found = ops::slots(cx.read(), &user, id.0, "", "", &slice).await?;
        Ok(Json(PageOut::of(found, SlotOut::from)))
    }

    /// Offer places at a base; gives the slot's id.
    #[oai(path = "/placing-rounds/:id/slots", method = "post", operation_id = "add_placing_slot")]
    async fn add_slot(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<SlotIn>) -> api::Result<Json<i64>> {
        Ok(Json(ops::add_slot(&cx, &user, id.0, body.0.input()).await?))
    }

    /// Change what is offered; 0 places end the offer.
    #[oai(path = "/placing-rounds/:id/slots/:slot", method = "put", operation_id = "change_placing_slot")]
    async fn change_slot(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        slot: Path<i64>,
        body: Json<SlotIn>,
    ) -> api::Result<Json<i64>> {
        ops::edit_slot(&cx, &user, id.0, slot.0, body.0.version, body.0.input()).await?;
        Ok(Json(slot.0))
    }

    /// Take an offer away that nobody wished for.
    #[oai(path = "/placing-rounds/:id/slots/:slot/remove", method = "post", operation_id = "remove_placing_slot")]
    async fn remove_slot(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        slot: Path<i64>,
        body: Json<VersionIn>,
    ) -> api::Result<Json<i64>> {
        ops::remove_slot(&cx, &user, id.0, slot.0, body.0.version).await?;
        Ok(Json(slot.0))
    }

    /// One person's wishes and line; an intern's own.
    #[oai(path = "/placing-rounds/:id/wishes/:person", method = "get", operation_id = "get_placing_wishes")]
    async fn wishes(&self, cx: Cx, user: ApiUser, id: Path<i64>, person: Path<i64>) -> api::Result<Json<WishesOut>> {
        Ok(Json(WishesOut::of(ops::student(&cx, &user, id.0, person.0).await?, user.lang)))
    }

    /// Put one person's wishes in the place of those before.
    #[oai(path = "/placing-rounds/:id/wishes/:person", method = "put", operation_id = "put_placing_wishes")]
    async fn put_wishes(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        person: Path<i64>,
        body: Json<WishesIn>,
    ) -> api::Result<Json<WishesOut>> {
        ops::put_wishes(&cx, &user, id.0, person.0, body.0.input()).await?;
        Ok(Json(WishesOut::of(ops::student(&cx, &user, id.0, person.0).await?, user.lang)))
    }

    /// Compute the proposal anew around the lines that are locked.
    #[oai(path = "/placing-rounds/:id/propose", method = "post", operation_id = "propose_placing")]
    async fn propose(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<ProposeIn>,
    ) -> api::Result<Json<ProposedOut>> {
        Ok(Json(ops::propose(&cx, &user, id.0, body.0.version, body.0.seed).await?.into()))
    }

    /// The lines of a round with their reasons.
    #[oai(path = "/placing-rounds/:id/lines", method = "get", operation_id = "list_placing_lines")]
    async fn lines(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        /// wish, filled, locked or none.
        outcome: Query<Option<String>>,
        limit: Query<Option<u64>>,
        after: Query<Option<String>>,
    ) -> api::Result<Json<PageOut<LineOut>>> {
        let slice = Slice::from(&page::request(limit.0, after.0));
        let find = FindLines { outcome: outcome.0.unwrap_or_default(), ..FindLines::default() };
        let found = ops::lines(cx.read(), &user, id.0, &find, "", &slice).await?;
        Ok(Json(PageOut::of(found, |l| LineOut::of(l, user.lang))))
    }

    /// Keep a line as it is given, or leave it to the next proposal.
    #[oai(path = "/placing-rounds/:id/lines/:person", method = "put", operation_id = "put_placing_line")]
    async fn put_line(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        person: Path<i64>,
        body: Json<LineIn>,
    ) -> api::Result<Json<LineOut>> {
        ops::put_line(&cx, &user, id.0, person.0, body.0.version, body.0.keep()).await?;
        let line = ops::student(&cx, &user, id.0, person.0).await?.line;
        Ok(Json(LineOut::of(line, user.lang)))
    }

    /// Publish a round: all of its lines become placements, or none.
    #[oai(path = "/placing-rounds/:id/publish", method = "post", operation_id = "publish_placing")]
    async fn publish(
        &self,
        cx: Cx,
        user: ApiUser,
        id: Path<i64>,
        body: Json<VersionIn>,
    ) -> api::Result<Json<PublishedOut>> {
        let n = ops::publish(&cx, &user, id.0, body.0.version).await?;
        Ok(Json(PublishedOut { placements: u64::try_from(n).unwrap_or(u64::MAX) }))
    }

    /// Let two persons of a published round change places.
    #[oai(path = "/placing-rounds/:id/swap", method = "post", operation_id = "swap_placing")]
    async fn swap(&self, cx: Cx, user: ApiUser, id: Path<i64>, body: Json<SwapIn>) -> api::Result<Json<RoundOut>> {
        let s = body.0;
        ops::swap(&cx, &user, id.0, s.one, s.other, &s.reason).await?;
        Ok(Json(ops::get(cx.read(), &user, id.0).await?.into()))
    }
}
