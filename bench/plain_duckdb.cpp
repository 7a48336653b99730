#include "plain_duckdb.hpp"

#include <duckdb.h>
#include <fmt/format.h>

#include <stdexcept>

namespace tapedeck::bench {

struct PlainDuckDB::Impl {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
};

PlainDuckDB::PlainDuckDB(const std::filesystem::path& file) : impl_{std::make_unique<Impl>()} {
  if (duckdb_open(file.c_str(), &impl_->database) != DuckDBSuccess ||
      duckdb_connect(impl_->database, &impl_->connection) != DuckDBSuccess) {
    throw std::runtime_error{"cannot open " + file.string()};
  }
}

PlainDuckDB::~PlainDuckDB() {
  duckdb_disconnect(&impl_->connection);
  duckdb_close(&impl_->database);
}

void PlainDuckDB::import(const std::vector<std::filesystem::path>& csv) {
  std::string files;
  for (const auto& path : csv) {
    files += fmt::format("{}'{}'", files.empty() ? "" : ", ", path.string());
  }
  run(fmt::format(
      "CREATE TABLE trades AS SELECT parse_filename(filename).split('-')[1] AS symbol, id, price, "
      "quantity, make_timestamp_ns(ms * 1000000) AS ts, is_buyer_maker FROM read_csv([{}], header "
      "= false, filename = true, columns = {{'id': 'BIGINT', 'price': 'DECIMAL(18,8)', 'quantity': "
      "'DECIMAL(18,8)', 'first_id': 'BIGINT', 'last_id': 'BIGINT', 'ms': 'BIGINT', "
      "'is_buyer_maker': 'BOOLEAN'}})",
      files));
  run("CHECKPOINT");
}

int64_t PlainDuckDB::run(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(impl_->connection, sql.c_str(), &result) != DuckDBSuccess) {
    throw std::runtime_error{duckdb_result_error(&result)};
  }
  int64_t rows = 0;
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
    rows += static_cast<int64_t>(duckdb_data_chunk_get_size(chunk));
    duckdb_destroy_data_chunk(&chunk);
  }
  duckdb_destroy_result(&result);
  return rows;
}

int64_t PlainDuckDB::used_bytes() {
  duckdb_result result;
  if (duckdb_query(impl_->connection, "SELECT block_size * used_blocks FROM pragma_database_size()",
                   &result) != DuckDBSuccess) {
    throw std::runtime_error{duckdb_result_error(&result)};
  }
  const int64_t bytes = duckdb_value_int64(&result, 0, 0);
  duckdb_destroy_result(&result);
  return bytes;
}

}  // namespace tapedeck::bench
