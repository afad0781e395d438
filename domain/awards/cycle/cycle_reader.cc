// How a cycle's file is read (cycles/ has two that say everything).
#include <algorithm>
#include <set>

#include "base/config.h"
#include "base/file.h"
#include "domain/awards/cycle/cycle.h"

namespace cityloop::awards {
namespace {

using base::ConfigTable;
using base::Errc;
using base::fail;
using base::TimeZone;
using namespace std::chrono_literals;

constexpr std::size_t kCharsMax = 20'000;
constexpr std::uint64_t kSlotBytesMax = std::uint64_t{500} << 20;

class Reader {
 public:
  explicit Reader(base::Config& config) : root_(config.root()) {}
  Cycle read();

 private:
  Bilingual bilingual(ConfigTable&, std::string_view key, bool required);
  std::string id(ConfigTable&, std::set<std::string>& taken, std::string_view what);
  unsigned count(ConfigTable&, std::string_view key, unsigned otherwise, unsigned least, unsigned most);
  std::uint64_t bytes(ConfigTable&, std::uint64_t otherwise);
  Instant civil(ConfigTable&, std::string_view key, bool end);
  Window window(ConfigTable&, bool required);
  template <class Enum>
  Enum word(ConfigTable&, std::string_view key, Enum otherwise, std::initializer_list<Enum> all);
  std::vector<Choice> choices(ConfigTable&, std::string_view key);
  void languages(ConfigTable&, std::string_view key, std::vector<std::string>& out);

  void head();
  void registration();
  void letters();
  void categories();
  void fields();
  Field field(ConfigTable&, std::set<std::string>& taken);
  void check_field(ConfigTable&, const Field&);
  void files();
  void judging();
  void bands();
  void stages();
  void rest();
  void check_whole();

  ConfigTable root_;
  Cycle out_;
};

bool is_id(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, fits);
}

Bilingual Reader::bilingual(ConfigTable& from, std::string_view key, bool required) {
  if (!from.has(key)) {
    if (required) from.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
    return {};
  }
  auto table = from.table(key);
  return table ? Bilingual{table->text("zh"), table->text("en")} : Bilingual{};
}

std::string Reader::id(ConfigTable& from, std::set<std::string>& taken, std::string_view what) {
  std::string out = from.text("id");
  if (!is_id(out)) from.mistake("id", "an id is 1 to 40 of a-z, 0-9, '_' and '-'");
  else if (!taken.insert(out).second) from.mistake("id", fmt::format("two {} are called '{}'", what, out));
  return out;
}

unsigned Reader::count(ConfigTable& from, std::string_view key, unsigned otherwise, unsigned least, unsigned most) {
  const double given = from.number_or(key, otherwise);
  if (given == std::floor(given) && given >= least && given <= most) return unsigned(given);
  from.mistake(key, fmt::format("'{}' is a whole number from {} to {}", key, least, most));
  return otherwise;
}

std::uint64_t Reader::bytes(ConfigTable& from, std::uint64_t otherwise) {
  const double mib = from.number_or("mib_max", double(otherwise >> 20));
  if (mib >= 1 && mib <= double(kSlotBytesMax >> 20)) return std::uint64_t(mib * double(1u << 20));
  from.mistake("mib_max", fmt::format("'mib_max' is from 1 to {}", kSlotBytesMax >> 20));
  return otherwise;
}

// A civil time of the cycle's zone. An end that is a date alone is the end of that day, as people mean it.
Instant Reader::civil(ConfigTable& from, std::string_view key, bool end) {
  const std::string text = from.text(key);
  if (text.empty()) return base::kNever;
  const bool date = text.size() == 10;
  const bool shifted = text.find_first_of("Zz+", 10) != text.npos || (!date && text.find('-', 10) != text.npos);
  const auto parsed = base::parse_time(text);
  if (!parsed || shifted) {
    from.mistake(
        key, fmt::format("'{}' is no civil time of the cycle's zone, as \"2026-03-10\" or \"2026-03-10T09:00\"", text));
    return base::kNever;
  }
  return out_.zone.to_utc(date && end ? *parsed + 24h : *parsed);
}

Window Reader::window(ConfigTable& from, bool required) {
  if (!required && !from.has("opens") && !from.has("closes")) return {};
  const Window out{civil(from, "opens", false), civil(from, "closes", true)};
  if (out.opens != base::kNever && out.closes != base::kNever && out.closes <= out.opens)
    from.mistake("closes", "it closes before it opens");
  return out;
}

template <class Enum>
Enum Reader::word(ConfigTable& from, std::string_view key, Enum otherwise, std::initializer_list<Enum> all) {
  const std::string given = from.text_or(key, to_string(otherwise));
  for (const Enum one : all)
    if (to_string(one) == given) return one;
  std::string names;
  for (const Enum one : all) names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(one));
  from.mistake(key, fmt::format("'{}' cannot be '{}', only one of: {}", key, given, names));
  return otherwise;
}

std::vector<Choice> Reader::choices(ConfigTable& from, std::string_view key) {
  std::vector<Choice> out;
  std::set<std::string> taken;
  for (ConfigTable& one : from.tables(key)) {
    std::string known = id(one, taken, "choices");
    out.push_back({std::move(known), {one.text("zh"), one.text("en")}});
  }
  return out;
}

void Reader::languages(ConfigTable& from, std::string_view key, std::vector<std::string>& out) {
  for (const std::string& one : from.texts(key)) {
    if (one != "zh" && one != "en") from.mistake(key, fmt::format("'{}' is neither zh nor en", one));
    else if (std::ranges::find(out, one) != out.end()) from.mistake(key, fmt::format("'{}' stands there twice", one));
    else out.push_back(one);
  }
}

void Reader::head() {
  std::set<std::string> none;
  out_.id = id(root_, none, "cycles");
  out_.prefix = root_.text("prefix");
  const auto upper = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (out_.prefix.empty() || out_.prefix.size() > 8 || !std::ranges::all_of(out_.prefix, upper))
    root_.mistake("prefix", "a prefix is 1 to 8 of A-Z and 0-9");
  out_.year = int(count(root_, "year", 2000, 2000, 2100));
  out_.name = bilingual(root_, "name", true);
  out_.organiser = bilingual(root_, "organiser", true);
  out_.description = bilingual(root_, "description", false);
  if (auto zone = TimeZone::load(root_.text("time_zone"))) out_.zone = *std::move(zone);
  else root_.mistake("time_zone", zone.error().message);
  out_.entry = window(root_, true);
  languages(root_, "languages", out_.languages);
  if (out_.languages.empty()) out_.languages = {"zh", "en"};
  out_.second_language_required = root_.boolean_or("second_language_required", false);
  if (out_.second_language_required && out_.languages.size() < 2)
    root_.mistake("second_language_required", "there is no second language");
  out_.double_blind = root_.boolean_or("double_blind", false);
  out_.reviewers = count(root_, "reviewers", 3, 1, 50);
  out_.per_unit_max = count(root_, "per_unit_max", 0, 0, 1000);
  out_.shortlist = count(root_, "shortlist", 0, 0, 1000);
  out_.confirm_within = root_.duration_or("confirm_within", Duration::zero());
  if (out_.confirm_within < Duration::zero() || out_.confirm_within > 24h * 366)
    root_.mistake("confirm_within", "'confirm_within' is at most a year");
  out_.opt_out = root_.boolean_or("opt_out", true);
}

void Reader::registration() {
  out_.registration.when = out_.entry;
  auto from = root_.table("registration");
  if (!from) return;
  Registration& to = out_.registration;
  if (!from->has("how")) from->mistake("how", "'how' is missing: open, invited or closed");
  to.how = word(*from, "how", Coming::closed, {Coming::open, Coming::invited, Coming::closed});
  if (from->has("opens")) to.when.opens = civil(*from, "opens", false);
  if (from->has("closes")) to.when.closes = civil(*from, "closes", true);
  const bool known = to.when.opens != base::kNever && to.when.given() && out_.entry.given();
  if (known && to.when.closes <= to.when.opens) from->mistake("closes", "it closes before it opens");
  if (known && to.when.closes > out_.entry.closes) from->mistake("closes", "it closes after the entries do");
  to.a_day_max = count(*from, "a_day_max", 200, 1, 100'000);
  to.consent = bilingual(*from, "consent", to.how != Coming::closed);
}

void Reader::letters() {
  auto from = root_.table("letters");
  if (!from) return;
  for (const std::string& name : from->texts("automatic")) {
    const auto known = std::ranges::find(kLetterKinds, name, [](LetterKind one) { return to_string(one); });
    if (known == std::end(kLetterKinds))
      from->mistake("automatic", fmt::format("'{}' is no kind of letter: receipt, submit, questions, transfer, "
                                             "shortlist, confirm or result",
                                             name));
    else if (std::ranges::find(out_.automatic, *known) == out_.automatic.end()) out_.automatic.push_back(*known);
  }
}

void Reader::categories() {
  std::set<std::string> taken;
  for (ConfigTable& from : root_.tables("category")) {
    Category one;
    one.id = id(from, taken, "categories");
    one.name = bilingual(from, "name", true);
    one.description = bilingual(from, "description", true);
    one.key_words = from.texts("key_words");
    one.theme = from.boolean_or("theme", false);
    one.cases_min = count(from, "cases_min", 0, 0, 100);
    for (const std::string& status : from.texts("status")) {
      const auto all = {ProjectStatus::planned, ProjectStatus::in_progress, ProjectStatus::done};
      const auto* const found = std::ranges::find_if(all, [&](ProjectStatus s) { return to_string(s) == status; });
      if (found == all.end()) from.mistake("status", fmt::format("'{}' is not planned, in_progress or done", status));
      else one.status.push_back(*found);
    }
    out_.categories.push_back(std::move(one));
  }
  if (out_.categories.empty()) root_.mistake("category", "a cycle has at least one [[category]]");
}

void Reader::check_field(ConfigTable& from, const Field& one) {
  const bool text = one.type == FieldType::line || one.type == FieldType::text;
  const bool chosen = one.type == FieldType::choice || one.type == FieldType::choices;
  if (one.both && !text) from.mistake("both", "only a line or a text is written in both languages");
  if (chosen != !one.choices.empty())
    from.mistake("choices", chosen ? "it has no choices" : "only choice and choices have them");
  if ((one.least || one.most) && one.type != FieldType::number)
    from.mistake("least", "only a number has a least and a most");
  if (one.least && one.most && *one.least > *one.most) from.mistake("most", "the most is below the least");
  if (one.type == FieldType::place && one.blind == Blind::mask)
    from.mistake("blind", "a place is shown or hidden: there is nothing in it that could be masked");
  if (one.title && one.type != FieldType::line) from.mistake("title", "a title is a line");
  if (one.status) {
    const auto known = [](const Choice& c) { return c.id == "planned" || c.id == "in_progress" || c.id == "done"; };
    if (one.type != FieldType::choice || !std::ranges::all_of(one.choices, known))
      from.mistake("status", "a status is a choice of planned, in_progress and done");
  }
  for (const std::string& category : one.categories)
    if (!out_.category(category)) from.mistake("categories", fmt::format("there is no category '{}'", category));
}

Field Reader::field(ConfigTable& from, std::set<std::string>& taken) {
  Field one;
  one.id = id(from, taken, "fields");
  one.name = bilingual(from, "name", true);
  one.help = bilingual(from, "help", false);
  one.type =
      word(from, "type", FieldType::text,
           {FieldType::line, FieldType::text, FieldType::number, FieldType::date, FieldType::choice, FieldType::choices,
            FieldType::email, FieldType::phone, FieldType::url, FieldType::yes, FieldType::place});
  one.required = from.boolean_or("required", true);
  one.both = from.boolean_or("both", false);
  one.max_chars = count(from, "max_chars", one.type == FieldType::text ? 1500 : 200, 1, kCharsMax);
  one.least = from.number_if("least");
  one.most = from.number_if("most");
  one.unit = from.text_or("unit", "");
  one.choices = choices(from, "choices");
  one.categories = from.texts("categories");
  // Numbers cannot be masked as a text is, and where a place is tells which city enters.
  const Blind otherwise = one.type != FieldType::place ? Blind::mask : (out_.double_blind ? Blind::hide : Blind::show);
  one.blind = word(from, "blind", otherwise, {Blind::show, Blind::mask, Blind::hide});
  one.status = from.boolean_or("status", false);
  one.title = from.boolean_or("title", false);
  check_field(from, one);
  return one;
}

void Reader::fields() {
  std::set<std::string> taken;
  unsigned titles = 0, places = 0;
  for (ConfigTable& from : root_.tables("field")) {
    out_.fields.push_back(field(from, taken));
    if (out_.fields.back().title && ++titles > 1) from.mistake("title", "two fields are the title");
    if (out_.fields.back().type == FieldType::place && ++places > 1)
      from.mistake("type", "two fields are a place: the library's map shows one");
  }
  if (titles == 0) root_.mistake("field", "one [[field]] says title = true: by it the proposal is called");
}

void Reader::files() {
  std::set<std::string> taken;
  std::vector<ConfigTable> tables = root_.tables("file");
  for (ConfigTable& from : tables) {
    FileSlot one;
    one.id = id(from, taken, "files");
    one.name = bilingual(from, "name", true);
    one.help = bilingual(from, "help", false);
    one.kind = word(from, "kind", FileKind::pdf, {FileKind::pdf, FileKind::office, FileKind::video, FileKind::image});
    one.supporting_cases = from.boolean_or("supporting_cases", false);
    one.least = count(from, "least", one.supporting_cases ? 0 : 1, 0, 100);
    one.most = count(from, "most", std::max(1u, one.least), 1, 100);
    if (one.most < one.least) from.mistake("most", "the most is below the least");
    one.pages_max = count(from, "pages_max", 0, 0, 10'000);
    if (one.pages_max > 0 && one.kind != FileKind::pdf) from.mistake("pages_max", "only a PDF has pages");
    one.bytes_max = bytes(from, one.bytes_max);
    one.stamped = from.boolean_or("stamped", false);
    one.with = from.text_or("with", "");
    out_.files.push_back(std::move(one));
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const FileSlot* const with = out_.slot(out_.files[i].with);
    if (!out_.files[i].with.empty() && (!with || with->kind != FileKind::office))
      tables[i].mistake("with", fmt::format("'{}' is no [[file]] of kind office", out_.files[i].with));
  }
}

void Reader::bands() {
  const double max = out_.dimensions.empty() ? 10 : out_.dimensions.front().max;
  double before = -1;
  for (ConfigTable& from : root_.tables("band")) {
    Band one{from.number("from"), bilingual(from, "name", true)};
    if (out_.bands.empty() && one.from != 0) from.mistake("from", "the first band begins at 0");
    if (one.from <= before || one.from > max)
      from.mistake("from", fmt::format("bands rise, and none begins above {}", max));
    before = one.from;
    out_.bands.push_back(std::move(one));
  }
  if (!out_.bands.empty() && out_.dimensions.size() != 1)
    root_.mistake("band", "bands are for a cycle with one dimension");
}

void Reader::judging() {
  std::set<std::string> taken, bonuses;
  for (ConfigTable& from : root_.tables("dimension")) {
    Dimension one;
    one.id = id(from, taken, "dimensions");
    one.name = bilingual(from, "name", true);
    one.description = bilingual(from, "description", false);
    one.max = from.number_or("max", 10);
    one.step = from.number_or("step", 1);
    one.weight = from.number_or("weight", 1);
    if (!(one.max > 0 && one.max <= 100)) from.mistake("max", "a dimension's max is above 0, and 100 at most");
    const double steps = one.max / one.step;
    if (!(one.step > 0) || std::abs(steps - std::round(steps)) > 1e-9)
      from.mistake("step", "max is a whole number of steps");
    if (!(one.weight > 0)) from.mistake("weight", "a weight is above 0");
    out_.dimensions.push_back(std::move(one));
  }
  bands();
  out_.bonus_max = root_.number_or("bonus_max", 0);
  if (!(out_.bonus_max >= 0 && out_.bonus_max <= 100)) root_.mistake("bonus_max", "'bonus_max' is from 0 to 100");
  for (ConfigTable& from : root_.tables("bonus")) {
    Bonus one{id(from, bonuses, "bonuses"), bilingual(from, "name", true), from.number("points")};
    if (!(one.points > 0 && one.points <= out_.bonus_max))
      from.mistake("points", fmt::format("a bonus is above 0, and at most bonus_max ({})", out_.bonus_max));
    out_.bonuses.push_back(std::move(one));
  }
}

void Reader::stages() {
  std::set<std::string> taken;
  for (ConfigTable& from : root_.tables("stage")) {
    StageWindow one;
    one.id = id(from, taken, "stages");
    if (std::ranges::find(kStages, one.id) == std::end(kStages))
      from.mistake("id", fmt::format("there is no stage '{}', only: {}", one.id, fmt::join(kStages, ", ")));
    one.name = bilingual(from, "name", true);
    one.then = bilingual(from, "then", false);
    one.when = window(from, false);
    if (one.when.given() && out_.entry.given() && one.when.opens < out_.entry.opens)
      from.mistake("opens", "it opens before the cycle does");
    out_.stages.push_back(std::move(one));
  }
}

void Reader::rest() {
  if (auto from = root_.table("video")) {
    VideoRule rule;
    rule.seconds_max = from->number_or("seconds_max", rule.seconds_max);
    if (!(rule.seconds_max > 0 && rule.seconds_max <= 3600)) from->mistake("seconds_max", "up to an hour");
    rule.width = count(*from, "width", rule.width, 16, 8192);
    rule.height = count(*from, "height", rule.height, 16, 8192);
    rule.bytes_max = bytes(*from, rule.bytes_max);
    languages(*from, "subtitles", rule.subtitles);
    out_.video = std::move(rule);
  }
  std::set<std::string> prizes, channels;
  for (ConfigTable& from : root_.tables("prize")) {
    Prize one;
    one.id = id(from, prizes, "prizes");
    one.name = bilingual(from, "name", true);
    one.description = bilingual(from, "description", false);
    one.of = from.text("of");
    constexpr std::string_view kOf[] = {"person", "company", "product", "project"};
    if (std::ranges::find(kOf, one.of) == std::end(kOf))
      from.mistake("of", fmt::format("a prize is of one of: {}", fmt::join(kOf, ", ")));
    one.groups = choices(from, "groups");
    one.winners = count(from, "winners", 1, 1, 100);
    const auto share = [&](const char* key) {
      const double value = from.number_or(key, 0);
      if (!(value >= 0 && value <= 1)) from.mistake(key, "a share from 0 to 1");
      return value;
    };
    one.quorum = share("quorum");
    one.majority = share("majority");
    const std::string ties = from.text_or("ties", "chair");
    constexpr panel::TieRule kTies[] = {panel::TieRule::chair, panel::TieRule::all, panel::TieRule::none};
    const auto rule = std::ranges::find(kTies, ties, [](panel::TieRule of) { return panel::to_string(of); });
    if (rule == std::end(kTies)) from.mistake("ties", "chair, all or none");
    else one.ties = *rule;
    out_.prizes.push_back(std::move(one));
  }
  for (ConfigTable& from : root_.tables("channel")) {
    std::string known = id(from, channels, "channels");
    out_.channels.push_back({std::move(known), bilingual(from, "name", true)});
  }
  out_.distinctions = choices(root_, "distinctions");
  if (root_.has("certificate")) out_.certificate = bilingual(root_, "certificate", true);
}

void Reader::check_whole() {
  const bool needs_cases = std::ranges::any_of(out_.categories, [](const Category& c) { return c.cases_min > 0; });
  const auto is_cases = [](const FileSlot& f) { return f.supporting_cases; };
  const auto slots = std::ranges::count_if(out_.files, is_cases);
  if (needs_cases && slots != 1) root_.mistake("file", "categories ask for cases: one [[file]] says supporting_cases");
  for (const Category& one : out_.categories)
    if (slots == 1 && std::ranges::find_if(out_.files, is_cases)->most < one.cases_min)
      root_.mistake("category", fmt::format("'{}' asks for more cases than may be sent", one.id));
  const bool asks_status = std::ranges::any_of(out_.categories, [](const Category& c) { return !c.status.empty(); });
  if (asks_status && std::ranges::none_of(out_.fields, &Field::status))
    root_.mistake("field", "categories ask for a status: one [[field]] says status = true");
  if (out_.dimensions.empty() && out_.prizes.empty())
    root_.mistake("dimension", "a cycle is judged by [[dimension]]s, or gives [[prize]]s by vote");
}

Cycle Reader::read() {
  head();
  registration();
  letters();
  categories();
  fields();
  files();
  judging();
  stages();
  rest();
  check_whole();
  return std::move(out_);
}

}  // namespace

base::Result<Cycle> read_cycle(std::string_view text, const std::string& name) {
  base::Config config = TRY(base::Config::parse(text, name));
  Cycle out = Reader(config).read();
  TRY(config.check());
  return out;
}

base::Result<Cycle> load_cycle(const std::string& file) {
  return read_cycle(TRY(base::read_file(file)), file);
}

base::Result<std::vector<Cycle>> load_cycles(const std::string& folder) {
  std::vector<Cycle> out;
  std::string mistakes;
  for (const std::string& file : base::toml_files(folder)) {
    auto one = load_cycle(file);
    const auto tell = [&](std::string_view what) {
      mistakes += fmt::format("{}{}", mistakes.empty() ? "" : "\n", what);
    };
    if (!one) tell(one.error().message);
    else if (std::ranges::any_of(out, [&](const Cycle& c) { return c.id == one->id || c.prefix == one->prefix; }))
      tell(fmt::format("{}:1: another cycle has the id '{}' or the prefix '{}'", file, one->id, one->prefix));
    else out.push_back(*std::move(one));
  }
  if (!mistakes.empty()) return fail(Errc::invalid, "{}", mistakes);
  return out;
}

}  // namespace cityloop::awards
