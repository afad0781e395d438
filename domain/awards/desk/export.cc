#include "domain/awards/desk/export.h"

#include <xlsxwriter.h>
#include <zip.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/json_value.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;
using base::Status;

// A row of the spreadsheet, by its titles.
using Row = std::vector<std::string>;

Row titles_of(const Cycle& cycle) {
  Row out{"number",    "category", "stage",  "prize",  "versions",  "received", "unit (zh)",
          "unit (en)", "city",     "person", "e-mail", "telephone", "files"};
  for (const Field& field : cycle.fields) {
    if (!field.both) out.push_back(field.name.en);
    else
      for (const std::string& language : cycle.languages)
        out.push_back(fmt::format("{} ({})", field.name.en, language));
  }
  return out;
}

std::string said(const Cycle& cycle, const Field& field, const JsonValue& answers, const std::string& language) {
  const JsonValue* const value = answers.find(field.id);
  return value && field.both ? value->text_or(language, "") : text_of(cycle, field, answers, "en");
}

Result<Row> row_of(const Cycle& cycle, Book& book, const Proposal& one, const JsonValue& answers) {
  const Applicant who = TRY(book.applicant(one.applicant)).value_or(Applicant{});
  const auto files = TRY(book.files(one.id));
  Row out{one.number,
          one.category,
          one.stage,
          one.prize,
          fmt::format("{}", one.version),
          cycle.local(one.submitted_at),
          who.unit.zh,
          who.unit.en,
          who.city,
          who.person,
          who.email,
          who.phone,
          fmt::format("{}", files.size())};
  for (const Field& field : cycle.fields) {
    if (!field.both) out.push_back(said(cycle, field, answers, "en"));
    else
      for (const std::string& language : cycle.languages) out.push_back(said(cycle, field, answers, language));
  }
  return out;
}

// What begins like a formula is no formula: an apostrophe before it, as spreadsheets have it.
void write_csv(std::string& out, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    out += i ? ",\"" : "\"";
    if (!row[i].empty() && std::string_view("=+-@\t\r").find(row[i].front()) != std::string_view::npos) out += '\'';
    for (const char c : row[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  out += "\r\n";
}

Status write_xlsx(const std::string& path, const std::vector<Row>& rows) {
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  lxw_workbook* const book = workbook_new_opt(path.c_str(), &options);
  if (!book) return fail(Errc::unavailable, "a spreadsheet cannot be made");
  lxw_worksheet* const sheet = workbook_add_worksheet(book, "proposals");
  lxw_format* const bold = workbook_add_format(book);
  format_set_bold(bold);
  worksheet_freeze_panes(sheet, 1, 1);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      worksheet_write_string(sheet, lxw_row_t(r), lxw_col_t(c), rows[r][c].c_str(), r == 0 ? bold : nullptr);
  const lxw_error code = workbook_close(book);
  if (code != LXW_NO_ERROR) return fail(Errc::unavailable, "the spreadsheet: {}", lxw_strerror(code));
  return {};
}

class Pack {
 public:
  static Result<Pack> make(const std::string& file) {
    int code = 0;
    zip_t* const zip = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!zip) return fail(Errc::unavailable, "{} cannot be written", file);
    return Pack(zip);
  }
  Pack(Pack&& other) noexcept : zip_(std::exchange(other.zip_, nullptr)), texts_(std::move(other.texts_)) {}
  Pack& operator=(Pack&&) = delete;
  ~Pack() {
    if (zip_) zip_discard(zip_);
  }

  // libzip reads the texts when the archive is closed, so they are kept until then.
  Status text(const std::string& name, std::string content) {
    texts_.push_back(std::make_unique<std::string>(std::move(content)));
    return add(name, zip_source_buffer(zip_, texts_.back()->data(), texts_.back()->size(), 0));
  }
  Status file(const std::string& name, const std::string& path) {
    TRY(add(name, zip_source_file(zip_, path.c_str(), 0, -1)));
    zip_set_file_compression(zip_, zip_uint64_t(zip_get_num_entries(zip_, 0) - 1), ZIP_CM_STORE, 0);
    return {};
  }
  Status close() {
    if (zip_close(zip_) != 0) return fail(Errc::unavailable, "the archive: {}", zip_strerror(zip_));
    zip_ = nullptr;
    return {};
  }

 private:
  explicit Pack(zip_t* zip) : zip_(zip) {}
  Status add(const std::string& name, zip_source_t* source) {
    if (source && zip_file_add(zip_, name.c_str(), source, ZIP_FL_ENC_UTF_8) >= 0) return {};
    if (source) zip_source_free(source);
    return fail(Errc::unavailable, "the archive: {}", zip_strerror(zip_));
  }
  zip_t* zip_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

// Names that people gave are shortened to what every system can keep.
std::string plain_name(const StoredFile& file) {
  std::string out;
  for (const char c : file.name)
    out += std::string_view("/\\:*?\"<>|").find(c) == std::string_view::npos && c >= ' ' ? c : '_';
  return fmt::format("{}-{}-{}", file.slot, file.id.substr(0, 6), out);
}

Status pack_one(Pack& pack, Book& book, const Vault& vault, const Proposal& one,
                const std::vector<Submission>& versions) {
  for (const Submission& version : versions) {
    TRY(pack.text(fmt::format("{}/version-{}.json", one.number, version.version), version.text));
    TRY(pack.text(fmt::format("{}/receipt-{}.json", one.number, version.version), version.receipt));
  }
  for (const StoredFile& file : TRY(book.files(one.id)))
    TRY(pack.file(fmt::format("{}/files/{}", one.number, plain_name(file)), vault.path(file.id)));
  return {};
}

}  // namespace

Result<std::uint64_t> export_bytes(const Cycle& cycle, Book& book) {
  std::uint64_t out = 0;
  for (const Proposal& one : TRY(book.proposals({.cycle = cycle.id, .submitted = true}, 100'000, 0)))
    for (const StoredFile& file : TRY(book.files(one.id))) out += file.bytes;
  return out;
}

Status export_cycle(const Cycle& cycle, Book& book, const Vault& vault, const std::string& out_file, Instant at) {
  Pack pack = TRY(Pack::make(out_file));
  std::vector<Row> rows{titles_of(cycle)};
  for (const Proposal& one : TRY(book.proposals({.cycle = cycle.id, .submitted = true}, 100'000, 0))) {
    const auto versions = TRY(book.submissions(one.id));
    const JsonValue last = versions.empty() ? JsonValue{} : TRY(JsonValue::parse(versions.back().text));
    const JsonValue* const answers = last.find("answers");
    rows.push_back(TRY(row_of(cycle, book, one, answers ? *answers : JsonValue{})));
    TRY(pack_one(pack, book, vault, one, versions));
  }
  std::string csv = "\xef\xbb\xbf";  // so that spreadsheets read it as UTF-8
  for (const Row& row : rows) write_csv(csv, row);
  const std::string sheet = out_file + ".xlsx";
  TRY(write_xlsx(sheet, rows));
  TRY(pack.text("table.csv", std::move(csv)));
  TRY(pack.file("table.xlsx", sheet));
  TRY(pack.text("about.txt", fmt::format("{}\n{}\n{}\n", cycle.name.zh, cycle.name.en, cycle.local(at))));
  const Status closed = pack.close();
  std::error_code ignored;
  std::filesystem::remove(sheet, ignored);
  return closed;
}

Status export_command(const std::vector<std::string>& words) {
  CLI::App app("All of an award cycle in one ZIP", "cityloop awards export");
  std::string city, data, cycle, out;
  app.add_option("--city", city, "the city's folder")->required();
  app.add_option("--data", data, "its data folder")->required();
  app.add_option("--cycle", cycle, "id of the cycle")->required();
  app.add_option("--out", out, "the file to be written")->required();
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return {};
  } catch (const CLI::ParseError& error) {
    return fail(Errc::invalid, "{}", error.what());
  }
  const auto cycles = TRY(load_cycles(city + "/awards"));
  const auto found = std::ranges::find(cycles, cycle, &Cycle::id);
  if (found == cycles.end()) return fail(Errc::not_found, "there is no cycle '{}' in {}/awards", cycle, city);
  if (!std::filesystem::exists(data + "/awards/awards.db")) return fail(Errc::not_found, "{} has no awards", data);
  const auto book = TRY(Book::open(data + "/awards/awards.db"));
  const Vault vault = TRY(Vault::open(data + "/awards"));
  TRY(export_cycle(*found, *book, vault, out, base::WallClock().now()));
  fmt::print("{}\n", out);
  return {};
}

}  // namespace cityloop::awards
