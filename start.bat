@echo off
rem Starts the demo of Baton: a server on this machine, and a browser that plays its film.
cd /d "%~dp0"
if exist baton.exe (
  baton.exe demo %*
  goto end
)
where go >nul 2>nul
if errorlevel 1 (
  echo Neither the program baton.exe is here nor Go, which makes it: https://go.dev/dl
  goto end
)
go run ./cmd/baton demo %*
:end
if errorlevel 1 pause
