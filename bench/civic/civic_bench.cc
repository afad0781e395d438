// What a citizen's question costs: a photo made, a page of the public list among many, reports nearby, a text looked
// through, a link checked; a push made; and what staff's question about a survey costs.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "base/rng.h"
#include "base/text_of_bytes.h"
#include "civic/follow_links.h"
#include "civic/personal.h"
#include "civic/photo.h"
#include "civic/photo_formats.h"
#include "civic/public_board.h"
#include "civic/push_crypto.h"
#include "civic/survey_statistics.h"

namespace cityloop::civic {
namespace {

// Soft shapes with some noise over them, as a photo has.
std::string photo_of(std::uint32_t width, std::uint32_t height) {
  base::Rng rng(1);
  Raster raster{width, height, {}};
  raster.rgb.reserve(std::size_t(3) * width * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const auto noise = std::uint32_t(rng.next() & 15);
      raster.rgb.push_back(std::uint8_t((x * 200 / width) + noise));
      raster.rgb.push_back(std::uint8_t((y * 200 / height) + noise));
      raster.rgb.push_back(std::uint8_t(((x / 64 + y / 64) % 2 ? 180 : 60) + noise));
    }
  }
  return pack_jpeg(raster).value();
}

void make_photos(benchmark::State& state) {
  const std::string bytes = photo_of(4000, 3000);
  for (auto _ : state) benchmark::DoNotOptimize(make_photo(bytes, {}));
  state.counters["megapixels"] = 12;
  state.counters["bytes"] = double(bytes.size());
}
BENCHMARK(make_photos)->Unit(benchmark::kMillisecond);

void refuse_a_bomb(benchmark::State& state) {
  std::string bytes = photo_of(64, 64);
  const std::size_t frame = bytes.find("\xff\xc2");
  bytes.replace(frame + 5, 4, "\xff\xff\xff\xff");
  for (auto _ : state) benchmark::DoNotOptimize(read_photo_head(bytes, {}));
}
BENCHMARK(refuse_a_bomb);

std::unique_ptr<PublicBoard> board_of(int cases) {
  auto board = std::make_unique<PublicBoard>();
  base::Rng rng(1);
  for (int i = 0; i < cases; ++i) {
    PublicCase one;
    one.id = EntityId(fmt::format("urn:ngsi-ld:Case:bench:{}", i));
    one.code = fmt::format("{:08}", i);
    one.service = i % 7 ? "other" : "light";
    one.text = "路灯不亮";
    one.place = PublicPlace{rng.uniform(120, 121), rng.uniform(30, 31), 0};
    one.open = i % 3 != 0;
    one.opened_at = base::from_us(std::int64_t(i) * 1'000'000);
    board->put(std::move(one));
  }
  return board;
}

void newest_page(benchmark::State& state) {
  const auto board = board_of(int(state.range(0)));
  std::size_t total = 0;
  for (auto _ : state) benchmark::DoNotOptimize(board->list({}, 0, 100, &total));
}
BENCHMARK(newest_page)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void box_of_the_map(benchmark::State& state) {
  const auto board = board_of(int(state.range(0)));
  BoardQuestion wanted;
  wanted.box = Box{120.4, 30.4, 120.5, 30.5};
  for (auto _ : state) benchmark::DoNotOptimize(board->list(wanted, 0, 5000, nullptr));
}
BENCHMARK(box_of_the_map)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void nearby(benchmark::State& state) {
  const auto board = board_of(int(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(board->near(120.5, 30.5, 200, "", 20));
}
BENCHMARK(nearby)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void look_through_a_text(benchmark::State& state) {
  std::string text;
  while (text.size() < 1000) text += "中山路128号门口的路灯已经三天不亮了，请尽快修复，我的电话13800138000，谢谢。";
  for (auto _ : state) benchmark::DoNotOptimize(mask_personal(text));
  state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(text.size()));
}
BENCHMARK(look_through_a_text);

void check_a_link(benchmark::State& state) {
  const FollowLinks links("a secret of at least thirty-two characters");
  const std::string token = links.token_of(links.number_from("key"));
  for (auto _ : state) benchmark::DoNotOptimize(links.report_of(token));
}
BENCHMARK(check_a_link);

// A key for the message, an agreement with the browser's, two keys derived, and the sealing.
void encrypt_a_push(benchmark::State& state) {
  const PushKey browser = PushKey::make().value();
  const std::string point = base::to_base64url(browser.public_point()),
                    secret = base::to_base64url(std::string(16, 's'));
  const std::string payload(400, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(encrypt_push(payload, point, secret));
}
BENCHMARK(encrypt_a_push)->Unit(benchmark::kMicrosecond);

void sign_for_a_push_service(benchmark::State& state) {
  const PushKey key = PushKey::make().value();
  for (auto _ : state)
    benchmark::DoNotOptimize(vapid_header(key, "https://push.example", "mailto:a@b.example", base::from_us(0)));
}
BENCHMARK(sign_for_a_push_service)->Unit(benchmark::kMicrosecond);

Survey survey_of_three() {
  Survey survey;
  survey.id = "bench";
  for (const char* id : {"a", "b", "c"}) survey.questions.emplace_back().id = id;
  survey.version = "1";
  return survey;
}

// So many asked, half of them with three answers each, counted by department: from the file to the page.
void count_a_survey(benchmark::State& state) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("cityloop-bench-{}.db", ::getpid());
  std::filesystem::remove(file);
  const auto tables = CivicTables::open(file.string()).value();
  SurveyBook book(tables);
  const Survey survey = survey_of_three();
  if (!book.put_version(survey, base::from_us(0))) state.SkipWithError("no survey");
  if (!tables->db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN"))
    state.SkipWithError("no table");
  base::Rng rng(1);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const std::string number = fmt::format("{:016x}", rng.next());
    const auto sql = fmt::format(
        "INSERT INTO ask VALUES('{}', 'bench', '1', 'r', 'c', 'fixed', 'd{}', 'a', 'k', 's', 1, 1, 'asked', 2, 3, {})",
        number, i % 12, i % 2 ? "2" : "NULL");
    if (!tables->db.exec(sql.c_str())) state.SkipWithError("no ask");
    for (const char* id : {"a", "b", "c"}) {
      const auto value = 1 + rng.next() % 5;
      const auto answer = fmt::format("INSERT INTO answer VALUES('{}', '{}', '{}')", number, id, value);
      if (i % 2 && !tables->db.exec(answer.c_str())) state.SkipWithError("no answer");
    }
  }
  if (!tables->db.exec("COMMIT")) state.SkipWithError("nothing kept");
  const auto zone = base::TimeZone::utc();
  for (auto _ : state) {
    SurveyStatistics statistics(survey.questions, {}, zone, 5);
    const auto read = book.each("bench", "1", [&](const AnsweredAsk& one) { statistics.add(one); });
    base::JsonWriter out;
    statistics.write(out.object(), [](base::JsonWriter&, const std::string&) {});
    benchmark::DoNotOptimize(out.end().str());
    if (!read) state.SkipWithError("not read");
  }
  std::filesystem::remove(file);
}
BENCHMARK(count_a_survey)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::civic
