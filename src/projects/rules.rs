//! Pure rules: states of projects and how offices word them.

use crate::directory::rules::key;

/// The states.
pub const STATES: [&str; 4] = ["planned", "under_way", "ended", "cancelled"];

/// A state as offices word it.
#[must_use]
pub fn state(word: &str) -> Option<&'static str> {
    Some(match key(word).as_str() {
        "计划" | "筹备" | "未开始" | "待启动" => "planned",
        "进行中" | "实施中" | "在建" | "执行中" => "under_way",
        "已结束" | "结束" | "已完成" | "完成" | "结项" | "已结项" => "ended",
        "取消" | "终止" | "已取消" | "已终止" => "cancelled",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_as_offices_word_them() {
        for (word, expected) in [("进行中", Some("under_way")), (" 已结项 ", Some("ended")), ("好", None)] {
            assert_eq!(state(word), expected, "{word}");
        }
    }
}
