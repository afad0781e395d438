#include "learn/suggestion.h"

#include <chrono>

#include "base/json_writer.h"
#include "flow/noun.h"

namespace cityloop::learn {
namespace {

std::string reasons_json(const std::vector<text::Reason>& reasons) {
  if (reasons.empty()) return {};
  base::JsonWriter out;
  out.array();
  for (const text::Reason& reason : reasons) {
    out.object().field("word", reason.word).field("share", reason.share).end();
  }
  return out.end().take();
}

}  // namespace

std::string_view to_string(Guess guess) {
  return guess == Guess::department ? "department" : "category";
}

flow::EntityId suggestion_id(flow::EntityId about) {
  constexpr std::string_view kCase = "urn:ngsi-ld:Case:";
  std::string_view rest = about.text();
  if (rest.starts_with(kCase)) rest.remove_prefix(kCase.size());
  return flow::EntityId(fmt::format("urn:ngsi-ld:Suggestion:{}", rest));
}

flow::Write to_write(const Suggestion& one) {
  flow::NounWriter out(suggestion_id(one.about), "Suggestion", flow::WriteMode::replace);
  out.link("case", one.about);
  for (const Guess guess : {Guess::department, Guess::category}) {
    const Guessed& of = one.of[std::size_t(guess)];
    if (of.label.empty()) continue;
    const std::string name(to_string(guess));
    out.text(name, of.label).number(name + "Confidence", of.confidence);
    out.text(name + "Second", of.second).number(name + "SecondConfidence", of.second_confidence);
    out.json(name + "Reasons", reasons_json(of.reasons));
  }
  return out.text("model", one.model).time("at", one.at).take();
}

flow::Write to_write(const WeekScore& score) {
  const flow::EntityId id(fmt::format("urn:ngsi-ld:SuggestionScore:{}:{}", to_string(score.guess), score.week));
  flow::NounWriter out(id, "SuggestionScore", flow::WriteMode::replace);
  out.text("guess", to_string(score.guess)).text("week", score.week);
  out.number("right", double(score.right)).number("wrong", double(score.wrong));
  out.number("withheldRight", double(score.withheld_right)).number("withheldWrong", double(score.withheld_wrong));
  const std::uint64_t shown = score.right + score.wrong;
  if (shown > 0) out.number("accuracy", double(score.right) / double(shown));
  return out.time("updatedAt", score.updated_at).take();
}

std::string week_of(flow::Instant local) {
  using std::chrono::days;
  const auto day = std::chrono::floor<days>(local);
  // A week belongs to the year that its Thursday is in.
  const auto thursday = day + days(4 - int(std::chrono::weekday(day).iso_encoding()));
  const std::chrono::year_month_day date(thursday);
  const auto new_year = std::chrono::sys_days(date.year() / std::chrono::January / 1);
  return fmt::format("{:04}-W{:02}", int(date.year()), (thursday - new_year).count() / 7 + 1);
}

}  // namespace cityloop::learn
