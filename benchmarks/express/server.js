// The seed document's wallet service, as one would write it plainly with Express 5 and mysql2. It is what the
// benchmarks compare with, and does no more than the seed asks: no replay of a known reference, no API keys, no
// holds, floats for money. Its pool is large enough not to hang when a request waits for a lock.

const cluster = require("node:cluster");
const { randomUUID } = require("node:crypto");
const express = require("express");
const mysql = require("mysql2/promise");

const PORT = Number(process.env.PORT);
const PROCESSES = Number(process.env.PROCESSES || 1);
const MOST_CONNECTIONS = 70;

const TABLES = [
  `CREATE TABLE IF NOT EXISTS users (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL UNIQUE,
    user_name VARCHAR(100) NOT NULL,
    user_email VARCHAR(254) NOT NULL UNIQUE,
    user_phone VARCHAR(32) NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS wallets (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL UNIQUE,
    balance DECIMAL(18,4) NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    FOREIGN KEY (user_id) REFERENCES users (user_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS transactions (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    transaction_id CHAR(36) NOT NULL UNIQUE,
    user_id BIGINT NOT NULL,
    type ENUM('CREDIT', 'DEBIT') NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    status ENUM('SUCCESS', 'FAILED') NOT NULL,
    reference_id VARCHAR(100) NOT NULL UNIQUE,
    failure_reason VARCHAR(100),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (user_id) REFERENCES wallets (user_id)
  ) ENGINE=InnoDB`,
];

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function createTables() {
  const connection = await mysql.createConnection(process.env.DATABASE_URL);
  for (const table of TABLES) await connection.query(table);
  await connection.end();
}

function serve() {
  const pool = mysql.createPool({
    uri: process.env.DATABASE_URL,
    connectionLimit: MOST_CONNECTIONS,
    decimalNumbers: true,
  });

  async function move(userId, type, amount, referenceId) {
    if (typeof amount !== "number" || !(amount > 0)) throw new Refused(400, "Amount must be greater than 0");
    if (!referenceId) throw new Refused(400, "referenceId is required");
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      const [wallets] = await connection.execute("SELECT balance FROM wallets WHERE user_id = ? FOR UPDATE", [userId]);
      if (!wallets.length) throw new Refused(404, "Wallet not found");
      const [known] = await connection.execute("SELECT id FROM transactions WHERE reference_id = ?", [referenceId]);
      if (known.length) throw new Refused(409, "Duplicate transaction");
      const balance = wallets[0].balance + (type === "CREDIT" ? amount : -amount);
      const failure = balance < 0 ? "Insufficient balance" : null;
      await connection.execute(
        "INSERT INTO transactions (transaction_id, user_id, type, amount, status, reference_id, failure_reason) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [randomUUID(), userId, type, amount, failure ? "FAILED" : "SUCCESS", referenceId, failure],
      );
      if (!failure) await connection.execute("UPDATE wallets SET balance = ? WHERE user_id = ?", [balance, userId]);
      await connection.commit();
      if (failure) throw new Refused(400, failure);
      return balance;
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  const app = express();
  app.use(express.json());

  app.post("/users", async (request, response) => {
    const { userId, user_name, user_email, user_phone } = request.body;
    await pool.execute("INSERT INTO users (user_id, user_name, user_email, user_phone) VALUES (?, ?, ?, ?)", [
      userId, user_name, user_email, user_phone,
    ]);
    const user = { userId, user_name, user_email, user_phone };
    response.status(201).json({ message: "User created successfully", user });
  });

  app.post("/wallets", async (request, response) => {
    await pool.execute("INSERT INTO wallets (user_id) VALUES (?)", [request.body.userId]);
    response.status(201).json({ message: "Wallet created successfully", balance: 0 });
  });

  app.post("/wallets/:userId/credit", async (request, response) => {
    const { amount, referenceId } = request.body;
    const balance = await move(request.params.userId, "CREDIT", amount, referenceId);
    response.json({ message: "Wallet credited successfully", balance });
  });

  app.post("/wallets/:userId/debit", async (request, response) => {
    const { amount, referenceId } = request.body;
    const balance = await move(request.params.userId, "DEBIT", amount, referenceId);
    response.json({ message: "Wallet debited successfully", balance });
  });

  app.get("/wallets/:userId", async (request, response) => {
    const { userId } = request.params;
    const [wallets] = await pool.execute("SELECT balance FROM wallets WHERE user_id = ?", [userId]);
    if (!wallets.length) throw new Refused(404, "Wallet not found");
    const [transactions] = await pool.execute(
      "SELECT transaction_id, type, amount, status, reference_id, failure_reason, created_at " +
        "FROM transactions WHERE user_id = ? ORDER BY id DESC LIMIT 10",
      [userId],
    );
    response.json({ userId, balance: wallets[0].balance, transactions });
  });

  // Express knows an error handler by its four parameters.
  app.use((error, request, response, next) => {
    if (response.headersSent) return next(error);
    if (!error.status) console.error(error);
    response.status(error.status || 500).json({ error: error.status ? error.message : "Internal server error" });
  });

  app.listen(PORT, "127.0.0.1");
}

if (cluster.isPrimary && PROCESSES > 1) {
  createTables().then(() => {
    for (let number = 0; number < PROCESSES; number += 1) cluster.fork();
  });
} else if (cluster.isPrimary) {
  createTables().then(serve);
} else {
  serve();
}
