#include "participation/settings.h"

#include <cmath>
#include <filesystem>
#include <set>

#include "base/config.h"
#include "casework/case_rules.h"
#include "geo/shape.h"
#include "serve/case_intake.h"
#include "serve/city.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::ConfigTable;
using base::Result;

struct Around {
  const casework::CaseRules* rules;
  const serve::City* city;
};

Bilingual read_texts(ConfigTable& table, std::string_view key, bool required) {
  auto texts = table.table(key);
  if (!texts) {
    if (required) table.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
    return {};
  }
  return {texts->text("zh"), texts->text("en")};
}

void read_rate(ConfigTable& limits, std::string_view key, RateRule& out) {
  auto table = limits.table(key);
  if (!table) return;
  out = {table->number("per_minute"), table->number("burst")};
  if (!(out.per_minute > 0) || !(out.burst >= 1))
    limits.mistake(key, fmt::format("'{}' needs per_minute above 0 and burst of at least 1", key));
}

unsigned read_count(ConfigTable& table, std::string_view key, unsigned otherwise, double least, double most) {
  const double value = table.number_or(key, otherwise);
  if (value >= least && value <= most && value == std::floor(value)) return unsigned(value);
  table.mistake(key, fmt::format("'{}' must be a whole number from {} to {}", key, least, most));
  return otherwise;
}

template <class T>
T chosen(ConfigTable& table, std::string_view key, T otherwise,
         std::initializer_list<std::pair<std::string_view, T>> all) {
  if (!table.has(key)) return otherwise;
  const std::string said = table.text(key);
  for (const auto& [name, value] : all) {
    if (name == said) return value;
  }
  table.mistake(key, fmt::format("'{}' cannot be '{}'", key, said));
  return otherwise;
}

Instant read_time(ConfigTable& table, std::string_view key) {
  const auto time = base::parse_time(table.text(key));
  if (time) return *time;
  table.mistake(key, fmt::format("'{}' is no time, as \"2027-03-01T00:00:00+08:00\"", key));
  return kNever;
}

void check_area(ConfigTable& table, const Round& round, const serve::City* city) {
  if (!city || round.area.empty()) return;
  for (const auto& area : city->areas) {
    if (area.id == round.area) return;
  }
  table.mistake("area", fmt::format("the city has no area '{}'", round.area));
}

Round read_round(ConfigTable& table, const std::string& currency, const Around& around) {
  Round out;
  out.id = table.text("id");
  out.name = read_texts(table, "name", true);
  out.text = read_texts(table, "text", false);
  const double budget = table.number("budget");
  out.budget = budget > 0 && budget <= kMoneyMax ? money_from(budget) : 0;
  out.currency = currency;
  out.area = table.text_or("area", "");
  out.opens_at = read_time(table, "opens");
  out.closes_at = read_time(table, "closes");
  out.method = chosen(table, "method", BallotMethod::approval,
                      {{"approval", BallotMethod::approval}, {"knapsack", BallotMethod::knapsack}});
  out.choices = read_count(table, "choices", 5, 1, 1000);
  out.decides = chosen(table, "decides", CountRule::equal_shares,
                       {{"equal_shares", CountRule::equal_shares},
                        {"greedy", CountRule::greedy},
                        {"greedy_per_cost", CountRule::greedy_per_cost}});
  out.by = "participation.toml";
  check_area(table, out, around.city);
  if (const auto sound = check_round(out); !sound) table.mistake("id", sound.error().message);
  out.terms = trust::fingerprint(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", out.name.zh, out.name.en,
                                             out.text.zh, out.text.en, out.budget, out.currency, out.area,
                                             base::to_us(out.opens_at), base::to_us(out.closes_at),
                                             to_string(out.method), out.choices, to_string(out.decides)));
  return out;
}

PatrolPoint read_point(ConfigTable& table, const serve::City* city) {
  PatrolPoint out{read_texts(table, "name", true), 0, 0};
  const auto at = table.numbers("at");
  if (at.size() != 2) {
    table.mistake("at", "'at' is [longitude, latitude]");
    return out;
  }
  out.lon_deg = at[0];
  out.lat_deg = at[1];
  const std::string point = fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", at[0], at[1]);
  if (city) {
    if (const auto inside = serve::check_place(*city, point); !inside) table.mistake("at", inside.error().message);
  }
  return out;
}

Patrol read_patrol(ConfigTable& table, const serve::City* city) {
  Patrol out;
  out.id = table.text("id");
  if (!is_round_id(out.id)) table.mistake("id", "an id has small letters, digits and '-'");
  out.name = read_texts(table, "name", true);
  out.inspector = table.text("inspector");
  if (!out.inspector.starts_with("user:")) table.mistake("inspector", "'inspector' is a user, as \"user:wang.li\"");
  out.ask = table.text_or("ask", "");
  out.from = read_time(table, "from");
  out.every = table.duration("every");
  if (out.every < std::chrono::minutes(1)) table.mistake("every", "'every' is a minute at least");
  out.within = table.duration_or("within", out.every);
  if (out.within > out.every) table.mistake("within", "'within' is at most as long as 'every'");
  for (ConfigTable& point : table.tables("point")) out.points.push_back(read_point(point, city));
  if (out.points.empty()) table.mistake("point", "a patrol has points: [[patrol.point]]");
  return out;
}

template <class Item>
void add_once(std::vector<Item>& items, Item item, ConfigTable& table) {
  for (const Item& known : items) {
    if (known.id == item.id) table.mistake("id", fmt::format("there is a '{}' already", item.id));
  }
  items.push_back(std::move(item));
}

void read_head(ConfigTable& root, ParticipationSettings& out, const Around& around) {
  auto head = root.table("participation");
  if (!head) return root.mistake("participation", "[participation] is missing");
  out.kind = head->text_or("kind", out.kind);
  if (around.rules && !around.rules->find_kind(out.kind))
    head->mistake("kind", fmt::format("there is no case kind '{}'", out.kind));
  out.threshold = read_count(*head, "threshold", out.threshold, 1, 1e6);
  out.comments =
      chosen(*head, "comments", CommentRule::masked,
             {{"masked", CommentRule::masked}, {"approved", CommentRule::approved}, {"none", CommentRule::none}});
  out.currency = head->text_or("currency", out.currency);
  out.intro = read_texts(*head, "intro", false);
  out.privacy = read_texts(*head, "privacy", false);
  out.link_kept = head->duration_or("link_kept", out.link_kept);
  out.photos_max = read_count(*head, "photos_max", out.photos_max, 0, 10);
  out.key_bits = int(read_count(*head, "ballot_key_bits", unsigned(out.key_bits), 2048, 4096));
}

Result<ParticipationSettings> read(base::Config config, const Around& around) {
  ConfigTable root = config.root();
  ParticipationSettings out;
  out.open = true;
  read_head(root, out, around);
  if (auto limits = root.table("limits")) {
    read_rate(*limits, "proposals", out.proposals);
    read_rate(*limits, "comments", out.comments_rate);
    read_rate(*limits, "supports", out.supports);
    read_rate(*limits, "letters", out.letters);
    read_rate(*limits, "ballots", out.ballots);
  }
  for (ConfigTable& table : root.tables("round")) add_once(out.rounds, read_round(table, out.currency, around), table);
  for (ConfigTable& table : root.tables("patrol")) add_once(out.patrols, read_patrol(table, around.city), table);
  TRY(config.check());
  return out;
}

}  // namespace

std::string_view to_string(CommentRule rule) {
  switch (rule) {
    case CommentRule::masked: return "masked";
    case CommentRule::approved: return "approved";
    case CommentRule::none: return "none";
  }
  return "";
}

Result<ParticipationSettings> ParticipationSettings::load(const std::string& file, const casework::CaseRules* rules,
                                                          const serve::City* city) {
  if (!std::filesystem::exists(file)) return ParticipationSettings{};
  return read(TRY(base::Config::load(file)), {rules, city});
}

Result<ParticipationSettings> ParticipationSettings::parse(std::string_view text, std::string name,
                                                           const casework::CaseRules* rules, const serve::City* city) {
  return read(TRY(base::Config::parse(text, std::move(name))), {rules, city});
}

}  // namespace cityloop::participation
