//! Lists that are read by key, filtered and in the order asked for: a WHERE clause in pieces, an order with its cursor, a
//! page of rows. SQL in the portable form of [`super::sql_of`].

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{prefix_range, sql_of};
use crate::core::page::Page;
use crate::core::{Actor, Result, Role};

/// Conditions joined by AND.
#[derive(Clone, Debug)]
pub struct Where {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Default for Where {
    fn default() -> Self {
        Self { sql: "1 = 1".to_owned(), values: Vec::new() }
    }
}

impl Where {
    /// One more condition.
    pub fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    /// `column = value`, if there is a value.
    pub fn equal(&mut self, column: &str, value: Option<&str>) {
        if let Some(v) = value.map(str::trim).filter(|v| !v.is_empty()) {
            self.and(&format!("{column} = ?"), [v.into()]);
        }
    }

    /// Rows at or below a region; an empty code is everywhere.
    pub fn region(&mut self, column: &str, code: &str) {
        if !code.is_empty() {
            let (from, to) = prefix_range(code);
            self.and(&format!("({column} >= ? AND {column} < ?)"), [from.into(), to.into()]);
        }
    }

    /// Rows within the regions of an administrator or observer; everything for whoever has no region. Other roles have no
    /// regions: what they may see of a register is for the register to say.
    pub fn scope(&mut self, who: &Actor, column: &str) {
        let regions = &who.scope.regions;
        if regions.is_empty() || !who.is(&[Role::Administrator, Role::Observer]) {
            return;
        }
        let one = format!("({column} >= ? AND {column} < ?)");
        let ranges = regions.iter().map(|code| prefix_range(code)).flat_map(|(a, b)| [Value::from(a), Value::from(b)]);
        self.and(&format!("({})", vec![one; regions.len()].join(" OR ")), ranges);
    }

    /// Rows in one of whose columns the text stands.
    pub fn contains(&mut self, columns: &[&str], text: &str) {
        let text: String = text.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
        if !text.is_empty() {
            let any: Vec<String> = columns.iter().map(|c| format!("{c} LIKE ?")).collect();
            self.and(&format!("({})", any.join(" OR ")), columns.iter().map(|_| Value::from(format!("%{text}%"))));
        }
    }
}

/// An order a list can be asked for: the word in the address, and the SQL it sorts by (never NULL).
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub word: &'static str,
    pub sql: &'static str,
    pub number: bool,
}

impl Order {
    #[must_use]
    pub const fn text(word: &'static str, sql: &'static str) -> Self {
        Self { word, sql, number: false }
    }

    #[must_use]
    pub const fn number(word: &'static str, sql: &'static str) -> Self {
        Self { word, sql, number: true }
    }
}

/// The order chosen: `name`, or `-name` for descending; the first of the list when the word is none of it.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    order: Order,
    desc: bool,
}

impl Sort {
    /// `orders` must not be empty.
    #[must_use]
    pub fn of(orders: &[Order], word: &str) -> Self {
        let (desc, word) = word.strip_prefix('-').map_or((false, word), |w| (true, w));
        match orders.iter().find(|o| o.word == word) {
            Some(o) => Self { order: *o, desc },
            None => Self { order: orders.first().copied().unwrap_or(Order::number("id", "id")), desc: false },
        }
    }

    /// The word as it stands in an address.
    #[must_use]
    pub fn word(&self) -> String {
        format!("{}{}", if self.desc { "-" } else { "" }, self.order.word)
    }

    fn key(&self) -> String {
        if self.order.number { format!("CAST({} AS TEXT)", self.order.sql) } else { self.order.sql.to_owned() }
    }
}

/// Which part of a list: after a cursor, so many rows.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    pub after: Option<String>,
    pub limit: u64,
}

impl From<&crate::core::page::PageReq> for Slice {
    fn from(r: &crate::core::page::PageReq) -> Self {
        Self { after: r.after.clone(), limit: r.limit() }
    }
}

/// Rows of an export: beyond this an office cannot work with a sheet anyway.
pub const EXPORT: u64 = 100_000;

/// The rows of `SELECT {columns} FROM {from} WHERE …` in the order asked for, with the cursor of the next page. `id` is
/// the column that makes the order total.
///
/// # Errors
/// What the database reports.
pub async fn page<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    columns: &str,
    from: &str,
    id: &str,
    mut w: Where,
    sort: Sort,
    slice: &Slice,
) -> Result<Page<T>> {
    let (than, way) = if sort.desc { ("<", "DESC") } else { (">", "ASC") };
    let by = sort.order.sql;
    if let Some((at, value)) = slice.after.as_deref().and_then(cursor) {
        let value = if sort.order.number { value.parse::<i64>().ok().map(Value::from) } else { Some(value.into()) };
        if let Some(v) = value {
            w.and(&format!("({by} {than} ? OR ({by} = ? AND {id} {than} ?))"), [v.clone(), v, at.into()]);
        }
    }
    let sql = format!(
        "SELECT {columns}, {} AS sort_key, {id} AS sort_id FROM {from} WHERE {} ORDER BY {by} {way}, {id} {way} LIMIT ?",
        sort.key(),
        w.sql
    );
    let limit = i64::try_from(slice.limit).unwrap_or(i64::MAX - 1);
    w.values.push((limit + 1).into());
    let found = db.query_all_raw(sql_of(db, &sql, w.values)).await?;
    let mut items = Vec::with_capacity(found.len());
    let mut next = None;
    for row in &found {
        if i64::try_from(items.len()).unwrap_or(i64::MAX) == limit {
            next = found.get(items.len() - 1).map(|last| {
                let key: String = last.try_get("", "sort_key").unwrap_or_default();
                last.try_get::<i64>("", "sort_id").map(|id| format!("{id}_{key}"))
            });
            break;
        }
        items.push(T::from_query_result(row, "")?);
    }
    Ok(Page { items, next: next.transpose()? })
}

fn cursor(text: &str) -> Option<(i64, String)> {
    let (id, value) = text.split_once('_')?;
    Some((id.parse().ok()?, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_order_is_the_first_and_a_cursor_that_is_none_is_passed_over() {
        let orders = [Order::text("code", "s.code"), Order::number("n", "s.n")];
        assert_eq!(Sort::of(&orders, "-n").word(), "-n");
        assert_eq!(Sort::of(&orders, "-1; DROP TABLE station").word(), "code");
        assert_eq!(cursor("12_甲_乙"), Some((12, "甲_乙".to_owned())));
        assert_eq!(cursor("x_1"), None);
    }

    #[test]
    fn a_text_searched_for_holds_no_pattern() {
        let mut w = Where::default();
        w.contains(&["a", "b"], " 100%_ ");
        assert_eq!(w.sql, "1 = 1 AND (a LIKE ? OR b LIKE ?)");
        assert_eq!(w.values[0], Value::from("%100%"));
        w.contains(&["a"], " % ");
        assert_eq!(w.values.len(), 2);
    }
}
