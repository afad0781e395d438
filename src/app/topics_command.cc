#include "app/topics_command.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "app/text_table.h"
#include "base/time.h"
#include "text/topics.h"

namespace cityloop::app {
namespace {

using base::Result;
using base::Status;

constexpr std::size_t kTextBytes = 240;  // of each text that is shown

constexpr base::Instant kSerialZero = std::chrono::sys_days(std::chrono::year(1899) / 12 / 30);
constexpr double kSerialLeast = 20'000, kSerialMost = 80'000;  // 1954 to 2119; other numbers are no days

std::uint32_t count_in(std::string_view text) {
  std::uint32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// ISO 8601, or as spreadsheets write it: 2019/2/28 11:25:05, 2019/2/28 11:25, 2019/2/28, and 43524.476 (days since
// 1899-12-30).
base::Instant time_in(std::string_view text, const base::TimeZone& zone) {
  if (const auto iso = base::parse_time(text)) return text.ends_with('Z') ? *iso : zone.to_utc(*iso);
  double serial = 0;
  const auto whole = std::from_chars(text.data(), text.data() + text.size(), serial);
  if (whole.ec == std::errc{} && whole.ptr == text.data() + text.size() && serial > kSerialLeast &&
      serial < kSerialMost) {
    const auto since = std::chrono::duration<double, std::ratio<86400>>(serial);
    return zone.to_utc(kSerialZero + std::chrono::round<std::chrono::seconds>(since));
  }
  int part[6]{};
  std::size_t n = 0;
  for (const char* at = text.data(); at < text.data() + text.size() && n < 6; ++n) {
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), part[n]);
    if (error != std::errc{}) return base::kNever;
    at = end + 1;
  }
  const std::chrono::year_month_day day{std::chrono::year(part[0]), std::chrono::month(unsigned(part[1])),
                                        std::chrono::day(unsigned(part[2]))};
  if (n < 3 || !day.ok()) return base::kNever;
  const auto local = std::chrono::sys_days(day) + std::chrono::hours(part[3]) + std::chrono::minutes(part[4]) +
                     std::chrono::seconds(part[5]);
  return zone.to_utc(std::chrono::time_point_cast<base::Duration>(local));
}

std::string day_of(base::Instant at, const base::TimeZone& zone) {
  return at == base::kNever ? "?" : base::format_time(zone.to_local(at)).substr(0, 10);
}

Result<std::vector<text::Message>> read_messages(const TextTable& table, const base::TimeZone& zone) {
  const auto text_column = TRY(table.text_columns({})).back();
  const auto field = [&](const TextTable::Row& row, std::string_view name) -> std::string {
    const auto column = table.column(name);
    return column ? row.fields[*column] : std::string{};
  };
  std::vector<text::Message> out;
  for (const TextTable::Row& row : table.rows()) {
    text::Message message;
    message.id = field(row, "id");
    message.author = field(row, "user");
    message.subject = field(row, "subject");
    message.text = row.fields[text_column];
    message.at = time_in(field(row, "time"), zone);
    message.votes_for = count_in(field(row, "up_votes"));
    message.votes_against = count_in(field(row, "down_votes"));
    out.push_back(std::move(message));
  }
  return out;
}

std::string shortened(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kTextBytes)) {
    if (c != '\n' && c != '\r' && c != '\t') out += c;
  }
  while (!out.empty() && text.size() > kTextBytes && (std::uint8_t(out.back()) & 0xc0) == 0x80) out.pop_back();
  if (text.size() > kTextBytes && !out.empty() && std::uint8_t(out.back()) >= 0xc0) out.pop_back();
  return text.size() > kTextBytes ? out + "…" : out;
}

void print_topic(const text::Topic& topic, std::size_t rank, const std::vector<text::Message>& messages,
                 const TopicsOptions& options, const base::TimeZone& zone) {
  fmt::print("{}. {}\n", rank, messages[topic.middle].subject);
  fmt::print("   heat {:.1f}: {} messages of {} people, {} to {}, votes +{} -{}, likeness {:.2f}\n", topic.heat,
             topic.messages.size(), topic.authors, day_of(topic.first, zone), day_of(topic.last, zone), topic.votes_for,
             topic.votes_against, topic.likeness);
  if (!topic.places.empty()) fmt::print("   places: {}\n", fmt::join(topic.places, ", "));
  if (!topic.groups.empty()) fmt::print("   people: {}\n", fmt::join(topic.groups, ", "));
  std::size_t shown = 0;
  for (const std::size_t m : topic.messages) {
    if (shown++ == options.texts) {
      fmt::print("   … and {} more\n", topic.messages.size() - options.texts);
      break;
    }
    const text::Message& message = messages[m];
    fmt::print("   - {} {} {}: {}\n", message.id, day_of(message.at, zone), message.subject, shortened(message.text));
  }
  fmt::print("\n");
}

void print_csv(const text::Topic& topic, std::size_t rank, const std::vector<text::Message>& messages,
               const base::TimeZone& zone) {
  for (const std::size_t m : topic.messages) {
    const text::Message& message = messages[m];
    fmt::print("{},{:.2f},{},{},{},{},{},{}\n", rank, topic.heat,
               csv_field(fmt::format("{}", fmt::join(topic.places, " "))),
               csv_field(fmt::format("{}", fmt::join(topic.groups, " "))), day_of(message.at, zone),
               csv_field(message.id), csv_field(message.author), csv_field(message.subject));
  }
}

}  // namespace

Status topics(const TopicsOptions& options) {
  const TextTable table = TRY(TextTable::read(options.file));
  const base::TimeZone zone = TRY(base::TimeZone::load(options.time_zone));
  const auto messages = TRY(read_messages(table, zone));
  for (const TextTable::BadRow& bad : table.bad_rows()) fmt::print(stderr, "line {}: {}\n", bad.line, bad.why);
  const std::vector<text::Topic> found = text::find_topics(messages);
  if (options.csv) fmt::print("rank,heat,places,people,day,id,user,subject\n");
  else
    fmt::print("{} topics in {} messages, {} rows not read\n\n", found.size(), messages.size(),
               table.bad_rows().size());
  for (std::size_t rank = 1; rank <= std::min(options.most, found.size()); ++rank) {
    if (options.csv) print_csv(found[rank - 1], rank, messages, zone);
    else print_topic(found[rank - 1], rank, messages, options, zone);
  }
  return {};
}

}  // namespace cityloop::app
